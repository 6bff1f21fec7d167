import { randomBytes } from 'node:crypto'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import {
  Application,
  localFolder,
  memoryStore,
  type Row,
  type Source,
  schema,
  skip,
  t,
} from '@millrace/core'
import { testSource } from '@millrace/core/testing'
import {
  Schema as ArrowSchema,
  Field,
  Float32,
  Int32,
  List,
  Null,
  Table,
  tableToIPC,
  vectorFromArray,
} from 'apache-arrow'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { counted, fileBytes, folderOf } from '../../test/files-of.ts'
import { arrowFile, arrowStream } from '../files/ipc-format.ts'
import { parquet } from '../files/parquet-format.ts'
import { STREAM_END, schemaMessage } from '../ipc/ipc-messages.ts'
import { fromArrow } from './arrow-source.ts'
import { fromParquet } from './parquet-source.ts'

const Flight = schema({
  to: t.string(),
  delay: t.int32().nullable(),
  at: t.timestamp({ unit: 'ms' }),
})
const rows: Row[] = Array.from({ length: 10 }, (_, i) => ({
  to: ['OSL', 'BGO'][i % 2] as string,
  delay: i % 3 === 0 ? null : i,
  at: 1.7e12 + i,
}))
const folder = folderOf({
  'a.arrow': fileBytes(arrowFile({ compression: 'lz4' }), Flight, rows.slice(0, 4)),
  'b.arrows': fileBytes(arrowStream({ dictionary: ['to'] }), Flight, rows.slice(4, 5)),
  'c.arrow': fileBytes(arrowFile(), Flight, []),
  'd.arrow': fileBytes(arrowFile({ dictionary: ['to'] }), Flight, rows.slice(5)),
  '.e.arrow': Buffer.from('hidden'),
  'readme.txt': Buffer.from('no data'),
})
afterAll(() => rmSync(folder, { recursive: true }))

const collected = (source: Source): Promise<Row[]> =>
  new Application({ id: 'read' }).dataframe(source).collect() as Promise<Row[]>

const exam = await fromArrow(folder, { timestamp: 'at', key: 'to' })
testSource({ describe, test, expect }, () => exam)

test('rows of all files of a folder come in the order of their names', async () => {
  expect(await collected(await fromArrow(folder))).toEqual(rows)
  expect(await collected(await fromArrow(join(folder, 'a.arrow')))).toEqual(rows.slice(0, 4))
  expect(await collected(await fromArrow({ store: localFolder(folder), prefix: 'd' }))).toEqual(
    rows.slice(5),
  )
})

test('only the columns that the plan reads are given', async () => {
  const source = await fromArrow(folder, { timestamp: 'at' })
  const clock = { now: () => 0 } as never
  const reader = await source.open(0, null, { clock, read: ['delay'] })
  const { records } = await reader.read(2)
  await reader.close()
  expect(records).toEqual([
    { value: { delay: null, at: 1.7e12 }, timestamp: 1.7e12 },
    { value: { delay: 1, at: 1.7e12 + 1 }, timestamp: 1.7e12 + 1 },
  ])
})

test.each([
  ['plain', arrowFile()],
  ['compressed', arrowFile({ compression: 'lz4', dictionary: ['b'] })],
])('of a batch only what is looked at is fetched: %s', async (_, format) => {
  const Wide = schema({ a: t.string(), n: t.int32().nullable(), b: t.string(), m: t.int64() })
  const noise = (): string => randomBytes(200).toString('hex')
  const wide: Row[] = Array.from({ length: 1_000 }, (__, i) => {
    return { a: noise(), n: i % 5 === 0 ? null : i, b: `${i % 2}${noise()}`, m: BigInt(i) }
  })
  const { store, bytes } = await counted('x.arrow', fileBytes(format, Wide, wide))
  const frame = new Application({ id: 'read' }).dataframe(await fromArrow({ store }))
  const read = async (...columns: string[]): Promise<number> => {
    const before = bytes()
    const rows = await frame.select(...(columns as ['a'])).collect()
    expect(rows).toEqual(
      wide.map(row => Object.fromEntries(columns.map(name => [name, row[name]]))),
    )
    return bytes() - before
  }
  expect(await read('a', 'n', 'b', 'm')).toBeGreaterThan(500_000)
  expect(await read('n')).toBeLessThan(12_000)
  expect(await read('n', 'm')).toBeLessThan(20_000)
  expect(await read('m', 'a')).toBeGreaterThan(250_000)
})

test('a schema names columns, and reads them as wider types', async () => {
  const Wide = schema({ delay: t.float64().nullable() })
  const source = await fromArrow(folder, { schema: Wide })
  expect((await collected(source))[1]).toEqual({ delay: 1 })
  const Wrong = schema({ delay: t.string() })
  await expect(fromArrow(folder, { schema: Wrong as never })).rejects.toThrow('SCHEMA_MISMATCH')
})

test('a time is not doubted for its size: the file says its unit', async () => {
  const early = schema({ at: t.timestamp() })
  const times: Row[] = [{ at: 5e9 }, { at: 8.64e15 }]
  const store = memoryStore()
  await store.put('a.arrow', fileBytes(arrowFile(), early, times))
  await store.put('a.parquet', fileBytes(parquet(), early, times))
  for (const open of [fromArrow, fromParquet]) {
    expect(await collected(await open({ store }, { schema: early }))).toEqual(times)
  }
})

test('a file with other columns stops the run and is named', async () => {
  const other = tableToIPC(new Table({ to: vectorFromArray([1], new Float32()) }), 'file')
  const place = folderOf({ 'a.arrow': fileBytes(arrowFile(), Flight, rows), 'b.arrow': other })
  await expect(collected(await fromArrow(place))).rejects.toThrow(
    /b\.arrow: column "to" is Float32/,
  )
  rmSync(place, { recursive: true })
})

test('a column of nulls is nulls', async () => {
  const place = folderOf({
    'a.arrow': tableToIPC(new Table({ n: vectorFromArray([null, null], new Null()) }), 'file'),
  })
  expect(await collected(await fromArrow(place))).toEqual([{ n: null }, { n: null }])
  rmSync(place, { recursive: true })
})

test('a layout that is not read is refused with its column', async () => {
  // By pyarrow 26.0: struct<a: list<list_view<int32>>>
  const base64 =
    '/////zABAAAQAAAAAAAKAAwABgAFAAgACgAAAAABBAAMAAAACAAIAAAABAAIAAAABAAAAAIAAADIAAAABAAAAFD/' +
    '//8AAAENFAAAABgAAAAEAAAAAQAAABAAAAADAAAAb2RkAKz///94////AAABDBQAAAAYAAAABAAAAAEAAAAQAAAA' +
    'AQAAAGEAAADU////oP///wAAARkUAAAAIAAAAAQAAAABAAAAGAAAAAQAAABpdGVtAAAAAAQABAAEAAAA0P///wAA' +
    'AQIQAAAAGAAAAAQAAAAAAAAABAAAAGl0ZW0AAAAAxP///wAAAAEgAAAAEAAUAAgABgAHAAwAAAAQABAAAAAAAAEC' +
    'EAAAABwAAAAEAAAAAAAAAAIAAABvawAACAAMAAgABwAIAAAAAAAAAUAAAAAAAAAA/////0gBAAAUAAAAAAAAAAwA' +
    'FgAGAAUACAAMAAwAAAAAAwQAGAAAACgAAAAAAAAAAAAKABgADAAEAAgACgAAALwAAAAQAAAAAQAAAAAAAAAAAAAA' +
    'CgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAgAAAAAAAAACAAAAAAAAAAAAAAAAAAAAAgAAAAAAAAAAAAAAAAA' +
    'AAAIAAAAAAAAAAgAAAAAAAAAEAAAAAAAAAAAAAAAAAAAABAAAAAAAAAABAAAAAAAAAAYAAAAAAAAAAQAAAAAAAAA' +
    'IAAAAAAAAAAAAAAAAAAAACAAAAAAAAAABAAAAAAAAAAAAAAABQAAAAEAAAAAAAAAAAAAAAAAAAABAAAAAAAAAAAA' +
    'AAAAAAAAAQAAAAAAAAAAAAAAAAAAAAEAAAAAAAAAAAAAAAAAAAABAAAAAAAAAAAAAAAAAAAAAQAAAAAAAAAAAAAA' +
    'AQAAAAAAAAAAAAAAAQAAAAAAAAABAAAAAAAAAP////8AAAAA'
  const store = memoryStore()
  await store.put('x.arrows', Buffer.from(base64, 'base64'))
  await expect(fromArrow({ store })).rejects.toThrow(
    /SOURCE_FAILED.*x\.arrows.*column "odd\.a\.item" is ListView, which is not read/,
  )
})

test.each([0, 2])('a list of %i types is damage, found when the file is opened', async count => {
  const item = new Field('item', new Int32(), true)
  const list = Object.assign(new List(item), { children: Array(count).fill(item) })
  const { parts } = schemaMessage(new ArrowSchema([new Field('ids', list, true)]))
  const store = memoryStore()
  await store.put('x.arrows', Buffer.concat([...parts, STREAM_END]))
  await expect(fromArrow({ store })).rejects.toThrow(
    new RegExp(`SOURCE_FAILED.*x\\.arrows.*column "ids" is List of ${count} types`),
  )
})

test('a codec that is not known is an error with its number; zstd is known', async () => {
  // By pyarrow 26.0: 200 times the number 1.
  const base64 =
    '/////3gAAAAQAAAAAAAKAAwABgAFAAgACgAAAAABBAAMAAAACAAIAAAABAAIAAAABAAAAAEAAAAUAAAAEAAUAAgA' +
    'BgAHAAwAAAAQABAAAAAAAAECEAAAABwAAAAEAAAAAAAAAAEAAABuAAAACAAMAAgABwAIAAAAAAAAAUAAAAD/////' +
    'oAAAABQAAAAAAAAADAAYAAYABQAIAAwADAAAAAADBAAcAAAAWAAAAAAAAAAAAAAADAAeABAABAAIAAwADAAAAFAA' +
    'AAAkAAAAGAAAAMgAAAAAAAAAAAAAAAAABgAIAAcABgAAAAAAAAECAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA' +
    'WAAAAAAAAAAAAAAAAQAAAMgAAAAAAAAAAAAAAAAAAABABgAAAAAAACi1L/1gQAU1AgBmGQ+AEA0ADQANAKqqqqqq' +
    'qqqqqqqqqmqqqqqqqqqqqqqqqqpqqqqqqqqqqqqqqqqqaoCqqqqqqqqqqqqqqhqAx1QCAAMB/////wAAAAA='
  const bytes = Buffer.from(base64, 'base64')
  const store = memoryStore()
  await store.put('x.arrows', bytes)
  const source = await fromArrow({ store })
  expect(await collected(source)).toEqual(Array.from({ length: 200 }, () => ({ n: 1n })))
  bytes[235] = 7
  await store.put('x.arrows', bytes)
  await expect(collected(source)).rejects.toThrow(
    /SOURCE_FAILED.*x\.arrows.*compressed by codec 7; LZ4 and zstd are known/,
  )
})

test.each([
  ['of another format', Buffer.from('PAR1 and what follows it')],
  ['of text', Buffer.from('to,delay\nOSL,1\n')],
  ['of nothing', Buffer.alloc(0)],
])('a file %s is an error with its name', async (_, bytes) => {
  const store = memoryStore()
  await store.put('x.arrow', bytes)
  await expect(fromArrow({ store })).rejects.toThrow(
    /SOURCE_FAILED.*x\.arrow can't be read as Arrow/,
  )
})

test('what is missing is named', async () => {
  await expect(fromArrow(join(folder, 'none'))).rejects.toThrow('SOURCE_FAILED')
  await expect(fromArrow({ store: memoryStore() })).rejects.toThrow('no Arrow files')
  await expect(exam.open(0, '0.0.gone.arrow')).rejects.toThrow('gone.arrow')
  await expect(exam.open(0, 'x')).rejects.toThrow('no position')
})

test('a time that no frame holds is an error with its column', async () => {
  const place = folderOf({ 'a.arrow': fileBytes(arrowFile(), Flight, rows) })
  const store = memoryStore()
  const bytes = fileBytes(arrowFile(), schema({ at: t.timestamp() }), [{ at: 1.7e12 }])
  const at = bytes.indexOf(Buffer.from(BigInt64Array.of(1_700_000_000_000n).buffer))
  bytes.writeBigInt64LE(2n ** 62n, at)
  await store.put('a.arrow', bytes)
  await expect(collected(await fromArrow({ store }))).rejects.toThrow('column "at": a time is')
  rmSync(place, { recursive: true })
})

describe.each([
  ['file', arrowFile()],
  ['file in LZ4', arrowFile({ compression: 'lz4' })],
  ['stream', arrowStream({ dictionary: ['to'] })],
])('a damaged %s', (_, format) => {
  const bytes = fileBytes(format, Flight, rows)
  /** Rows, or the code of the error. */
  const outcome = async (damaged: Buffer): Promise<Row[] | string> => {
    const store = memoryStore()
    await store.put('a.arrow', damaged)
    try {
      return await collected(await fromArrow({ store }))
    } catch (error) {
      return (error as { code?: string }).code ?? `${error}`
    }
  }

  test('that is cut off anywhere gives no rows that are not there', async () => {
    for (let size = 0; size < bytes.length; size += 7) {
      const got = await outcome(bytes.subarray(0, size))
      // A stream may end between two messages.
      if (typeof got === 'string') expect(got).toBe('SOURCE_FAILED')
      else expect(rows).toEqual(expect.arrayContaining(got))
    }
  })

  test('fails with a clear code or reads, and nothing else', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 }),
        async changes => {
          const damaged = Buffer.from(bytes)
          for (const [at, value] of changes) damaged[at] = value
          const got = await outcome(damaged)
          if (typeof got !== 'string') return
          expect(['SOURCE_FAILED', 'SCHEMA_MISMATCH', 'DUPLICATE_COLUMN']).toContain(got)
        },
      ),
      { numRuns: 100 },
    )
  })
})

test('a policy for bad rows has nothing to do with damage', async () => {
  const store = memoryStore()
  await store.put('a.arrow', fileBytes(arrowFile(), Flight, rows).subarray(0, 300))
  const app = new Application({ id: 'read', onError: skip() })
  await expect(fromArrow({ store }).then(s => app.dataframe(s).collect())).rejects.toThrow(
    'SOURCE_FAILED',
  )
})
