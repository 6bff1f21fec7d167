import type { StateBackend } from '@millrace/core'
import { expect, test } from 'vitest'
import { contextOf, temporaryFolder } from '../test/temporary-folder.ts'
import { bootOf } from './boot.ts'
import { chooseEngine } from './choose-engine.ts'
import type { Database } from './engine.ts'
import { diskState } from './rocksdb.ts'

const KEY = Buffer.from('key')
const VALUE = Buffer.from('value')

/** A backend whose database can be made to fail, in the state's folder only. */
async function opened(folder: string, options: { fsync?: boolean } = {}) {
  const broken: Partial<Database> = {}
  const syncs: boolean[] = []
  const { engine } = chooseEngine()
  const open = async (path: string, settings: Parameters<typeof engine.open>[1]) => {
    const database = await engine.open(path, settings)
    if (path.endsWith('.lock')) return database
    const { write } = database
    return Object.assign(database, {
      write: (changes: Parameters<typeof write>[0], isSynced: boolean) => {
        syncs.push(isSynced)
        return (broken.write ?? write).call(database, changes, isSynced)
      },
    })
  }
  const machine = { choose: () => ({ engine: { ...engine, open }, reason: null }), boot: bootOf }
  const backend: StateBackend = await diskState('test', folder, options, machine).create(
    contextOf(),
  )
  return { backend, broken, syncs }
}

test('after a write has failed none is tried, and what was there before is there after', async () => {
  const folder = temporaryFolder()
  const { backend, broken, syncs } = await opened(folder)
  const space = await backend.open('a')
  await space.write([{ key: KEY, value: VALUE }])
  broken.write = () => Promise.reject(new Error('IO error: No space left on device'))
  await expect(space.write([{ key: KEY, value: null }])).rejects.toThrow('is full')
  delete broken.write
  const tried = syncs.length
  await expect(space.write([{ key: KEY, value: null }])).rejects.toThrow('is full')
  await expect(space.clear()).rejects.toThrow('is full')
  expect(syncs.length).toBe(tried)
  await backend.close()

  const next = await opened(folder)
  const [value] = await (await next.backend.open('a')).getMany([KEY])
  expect(String(value)).toBe('value')
  await next.backend.close()
})

test('waits for the disk when it is closed, and with fsync at every write', async () => {
  for (const fsync of [false, true]) {
    const { backend, syncs } = await opened(temporaryFolder(), { fsync })
    await (await backend.open('a')).write([{ key: KEY, value: VALUE }])
    await backend.close()
    // The record of new state, the write, and, where that has not waited, the record again.
    expect(syncs).toEqual(fsync ? [true, true] : [true, false, true])
  }
})

test('closes after the calls that are under way', async () => {
  const folder = temporaryFolder()
  const { backend } = await opened(folder)
  const space = await backend.open('a')
  const writing = space.write([{ key: KEY, value: VALUE }])
  const reading = space.scan(Buffer.alloc(0), null, 10)
  await backend.close()
  await Promise.all([writing, reading])
  const next = await opened(folder)
  expect((await (await next.backend.open('a')).scan(KEY, null, 1)).length).toBe(1)
  await next.backend.close()
})

test('tells its sizes, also when it is closed', async () => {
  const { backend } = await opened(temporaryFolder())
  await (await backend.open('a')).write([{ key: KEY, value: Buffer.alloc(10_000, 'x') }])
  const stats = await backend.stats()
  expect(stats.bytesOnDisk).toBeGreaterThan(10_000)
  expect(stats.bytesInMemory).toBeGreaterThan(10_000)
  await backend.close()
  expect((await backend.stats()).bytesInMemory).toBe(0)
})
