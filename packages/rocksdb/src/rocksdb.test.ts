import type { StateBackend } from '@millrace/core'
import { testStateBackend } from '@millrace/core/testing'
import { describe, expect, test } from 'vitest'
import { contextOf, temporaryFolder } from '../test/temporary-folder.ts'
import { classicLevel, rocksdb } from './rocksdb.ts'

const ENGINES = { rocksdb, 'classic-level': classicLevel }
const BOTH = Object.entries(ENGINES)

for (const [name, make] of BOTH) {
  const folders = new Map<StateBackend, string>()
  const openAt = async (folder: string): Promise<StateBackend> => {
    const backend = await make(folder).create(contextOf())
    folders.set(backend, folder)
    return backend
  }
  testStateBackend(
    { describe, test, expect },
    {
      name,
      create: () => openAt(temporaryFolder()),
      reopen: closed => openAt(folders.get(closed) as string),
    },
  )
}

const KEYS = 100_000

describe.each(BOTH)('state in %s', (name, make) => {
  test('has the name of its engine, and lasts', async () => {
    const backend = await make(temporaryFolder()).create(contextOf())
    expect([backend.name, backend.isDurable]).toEqual([name, true])
    expect(backend.slot).toMatch(/^0-[0-9a-f]{12}$/)
    await backend.close()
  })

  test('holds 100,000 keys, in order, after it was closed', async () => {
    const folder = temporaryFolder()
    const options = { memoryBytes: 4 * 1024 * 1024 }
    const first = await make(folder, options).create(contextOf())
    const written = await first.open('totals/0')
    for (let at = 0; at < KEYS; at += 10_000) {
      await written.write(Array.from({ length: 10_000 }, (_, i) => entry(at + i)))
    }
    const { bytesOnDisk, bytesInMemory, entriesWritten } = await first.stats()
    expect(entriesWritten).toBe(KEYS)
    expect(bytesOnDisk).toBeGreaterThan(KEYS)
    expect(bytesInMemory).toBeGreaterThan(0)
    await first.close()

    const second = await make(folder, options).create(contextOf())
    const space = await second.open('totals/0')
    let from = Buffer.alloc(0)
    let count = 0
    for (;;) {
      const page = await space.scan(from, null, 7_000)
      const got = page.map(({ key, value }) => [String(key), String(value)])
      expect(got).toEqual(page.map((_, i) => shown(count + i)))
      count += page.length
      const last = page.at(-1)
      if (last === undefined) break
      from = Buffer.concat([last.key, Buffer.of(0)])
    }
    expect(count).toBe(KEYS)
    await second.close()
  })
})

test('an option is checked at the line, and nothing is opened there', () => {
  expect(() => rocksdb('')).toThrow(
    "INVALID_ARGUMENT: rocksdb: the first argument is the folder of the state, for example './state'",
  )
  expect(() => classicLevel('./state', { slots: 1 } as never)).toThrow(
    'INVALID_ARGUMENT: classicLevel: there is no option "slots". Did you mean "slot"?',
  )
})

test('the log says which slot was taken', async () => {
  const folder = temporaryFolder()
  const context = contextOf()
  const backend = await rocksdb(folder).create(context)
  expect(context.lines).toEqual([
    `info: state opened ${JSON.stringify({ slot: backend.slot, folder: `${folder}/shop/0/rocksdb` })}`,
  ])
  await backend.close()
})

function shown(i: number): [string, string] {
  return [String(i).padStart(8, '0'), `value ${i}`]
}

function entry(i: number): { key: Buffer; value: Buffer } {
  const [key, value] = shown(i)
  return { key: Buffer.from(key), value: Buffer.from(value) }
}
