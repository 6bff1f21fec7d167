import {
  Application,
  type FileFormat,
  filesSink,
  fromArray,
  memoryStore,
  type ObjectStore,
  rowsOf,
  schema,
  t,
} from '@millrace/core'
import { testSink } from '@millrace/core/testing'
import { describe, expect, test } from 'vitest'
import { batchOfColumns, readIpc } from '../ipc/ipc-rows.ts'
import { arrowFile, arrowStream } from './ipc-format.ts'

/** Rows of the visible files, in the order of their names. */
async function rowsIn(store: ObjectStore): Promise<Record<string, unknown>[]> {
  const names = (await store.list('')).filter(name => !/(^|\/)\./.test(name))
  const rows: Record<string, unknown>[] = []
  for (const name of names) {
    const bytes = (await store.get(name, 0, 1e9)) as Uint8Array
    const { schema: found, batches } = readIpc(bytes, undefined, name)
    for (const { columns, length } of batches) {
      const rowAt = rowsOf(batchOfColumns(found, columns, length))
      for (let i = 0; i < length; i++) rows.push(rowAt(i))
    }
  }
  return rows
}

const FORMATS: [string, () => FileFormat][] = [
  ['a file', () => arrowFile()],
  ['a file in LZ4', () => arrowFile({ compression: 'lz4' })],
  ['a stream', () => arrowStream()],
  ['a file with a dictionary', () => arrowFile({ dictionary: ['id'] })],
]

describe.each(FORMATS)('%s', (_, format) => {
  testSink({ describe, test, expect }, () => {
    const store = memoryStore()
    return {
      definition: filesSink(store, { format: format() }),
      visible: async () => (await rowsIn(store)).map(({ id }) => id as string),
    }
  })
})

test('a file is cut by its bytes and its rows, and record batches by theirs', async () => {
  const Row = schema({ n: t.int32(), text: t.string() })
  const rows = Array.from({ length: 70_000 }, (_, n) => ({ n, text: `text ${n}` }))
  const sizesBy = async (options: object): Promise<number[]> => {
    const store = memoryStore()
    const app = new Application({ id: 'cut' })
    app
      .dataframe(fromArray(rows, { schema: Row }))
      .sink(filesSink(store, { format: arrowFile(), ...options }))
    await app.run()
    expect(await rowsIn(store)).toEqual(rows)
    return Promise.all((await store.list('')).map(async name => (await store.size(name)) as number))
  }
  expect(await sizesBy({ fileRowsMax: 30_000 })).toHaveLength(3)
  for (const size of await sizesBy({ fileBytesMax: 300_000 })) expect(size).toBeLessThan(340_000)
})

test('a store may look at the bytes of a file as long as it writes', async () => {
  const rows = Array.from({ length: 40_000 }, (_, n) => ({ n, text: `text ${n}` }))
  const inner = memoryStore()
  let sizes = 0
  const store: ObjectStore = {
    name: 'slow',
    put: async (name: string, bytes: Uint8Array) => {
      await new Promise(resolve => setTimeout(resolve, ++sizes % 3))
      await inner.put(name, bytes)
    },
    list: inner.list.bind(inner),
    size: inner.size.bind(inner),
    get: inner.get.bind(inner),
    rename: inner.rename.bind(inner),
    remove: inner.remove.bind(inner),
    sweep: inner.sweep.bind(inner),
  }
  const app = new Application({ id: 'slow' })
  app
    .dataframe(fromArray(rows, { schema: schema({ n: t.int32(), text: t.string() }) }))
    .sink(filesSink(store, { format: arrowFile(), fileRowsMax: 1_500 }))
  await app.run()
  expect(sizes).toBeGreaterThan(20)
  const found = (await rowsIn(inner)) as typeof rows
  expect(found.filter(({ n, text }) => text !== `text ${n}`)).toEqual([])
  expect(found.map(({ n }) => n).sort((a, b) => a - b)).toEqual(rows.map(({ n }) => n))
})

test('what has no form in Arrow is refused when the sink is attached', () => {
  const app = new Application({ id: 'refused' })
  const open = app.dataframe(fromArray([{ a: 1 }]))
  const sink = (format: FileFormat) => filesSink(memoryStore(), { format })
  expect(() => open.sink(sink(arrowFile()))).toThrow('SCHEMA_MISMATCH')
  const frame = app.dataframe(fromArray([], { schema: schema({ a: t.string(), n: t.int32() }) }))
  expect(() => frame.sink(sink(arrowFile({ dictionary: ['b'] })))).toThrow('UNKNOWN_COLUMN')
  expect(() => frame.sink(sink(arrowFile({ dictionary: ['n'] })))).toThrow('TYPE_MISMATCH')
  expect(() => arrowFile({ compression: 'gzip' as 'lz4' })).toThrow('INVALID_ARGUMENT')
})
