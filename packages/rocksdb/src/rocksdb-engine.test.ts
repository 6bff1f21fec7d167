import { createRequire } from 'node:module'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../test/temporary-folder.ts'
import { rocksDbEngine } from './rocksdb-engine.ts'
import { stateSettings } from './state-options.ts'

const engine = rocksDbEngine(createRequire(import.meta.url)('rocksdb'))
const settings = stateSettings('test', { memoryBytes: 1024 * 1024 })
const bytes = (...values: number[]): Buffer => Buffer.from(values)
const put = (key: Buffer, value: Buffer) => ({ type: 'put', key, value }) as const

test('keeps entries in the order of unsigned bytes, and pages through them', async () => {
  const database = await engine.open(temporaryFolder(), settings)
  const keys = [[1, 255], [1, 0], [1], [2], [1, 128]].map(key => bytes(...key))
  await database.write(
    keys.map(key => put(key, key)),
    true,
  )
  const page = await database.scan(bytes(1), bytes(2), 3)
  expect(page.map(([key]) => [...key])).toEqual([[1], [1, 0], [1, 128]])
  const rest = await database.scan(bytes(1, 128, 0), bytes(3), 3)
  expect(rest.map(([, value]) => [...value])).toEqual([[1, 255], [2]])
  await database.close()
})

test('gets many, and clears a range without its end', async () => {
  const database = await engine.open(temporaryFolder(), settings)
  await database.write(
    [1, 2, 3].map(n => put(bytes(n), bytes(n, n))),
    false,
  )
  await database.write([{ type: 'del', key: bytes(1) }], false)
  await database.clear(bytes(2), bytes(3))
  const values = await database.getMany([bytes(3), bytes(2), bytes(1)])
  expect(values.map(value => value && [...value])).toEqual([[3, 3], undefined, undefined])
  expect(database.bytesInMemory()).toBeGreaterThan(0)
  await database.close()
})

test('passes an error on', async () => {
  await expect(engine.open('/dev/null/state', settings)).rejects.toThrow()
})
