import { rmSync } from 'node:fs'
import {
  Application,
  type DataType,
  memoryStore,
  type Row,
  type Source,
  schema,
  t,
} from '@millrace/core'
import { testSource } from '@millrace/core/testing'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { fileBytes, folderOf } from '../../test/files-of.ts'
import { parquet } from '../files/parquet-format.ts'
import { fromParquet } from './parquet-source.ts'

const Row_ = schema({
  to: t.string().nullable(),
  n: t.int32(),
  large: t.int64(),
  real: t.float64(),
  yes: t.boolean(),
  at: t.timestamp({ unit: 'ms' }),
  data: t.bytes(),
  price: t.decimal(38, 4).nullable(),
})
const rows: Row[] = Array.from({ length: 10 }, (_, i) => ({
  to: i % 3 === 0 ? null : `to ${i}`,
  n: i,
  large: 2n ** 62n + BigInt(i),
  real: i / 7,
  yes: i % 2 === 0,
  at: 1.7e12 + i,
  data: Buffer.from([i]),
  price: i === 5 ? null : `${i % 2 === 0 ? '' : '-'}${'9'.repeat(i)}${i}.000${i}`,
}))
const format = parquet({ rowGroupRowsMax: 3 })
const folder = folderOf({
  'a.parquet': fileBytes(format, Row_, rows.slice(0, 7)),
  'b.parquet': fileBytes(parquet({ compression: 'zstd' }), Row_, rows.slice(7)),
})
afterAll(() => rmSync(folder, { recursive: true }))

const collected = (source: Source): Promise<Row[]> =>
  new Application({ id: 'read' }).dataframe(source).collect() as Promise<Row[]>

const exam = await fromParquet(folder, { timestamp: 'at', key: 'to' })
testSource({ describe, test, expect }, () => exam)

test('rows of all files come in the order of their names, with their types', async () => {
  const source = await fromParquet(folder)
  expect(String(source.schema)).toBe(String(Row_))
  const found = await collected(source)
  expect(found.map(row => ({ ...row, data: Buffer.from(row['data'] as Uint8Array) }))).toEqual(rows)
})

const Nested = schema({
  id: t.int32(),
  lines: t.list(t.struct({ price: t.decimal(9, 2), n: t.int64(), at: t.timestamp() })).nullable(),
  place: t.struct({ city: t.string(), tags: t.list(t.string().nullable()) }),
})
const nestedRows: Row[] = Array.from({ length: 8 }, (_, id) => ({
  id,
  lines:
    id === 3
      ? null
      : Array.from({ length: id % 3 }, (_, i) => ({
          price: `${id}.0${i}`,
          n: 2n ** 60n + BigInt(i),
          at: 1.7e12 + i,
        })),
  place: { city: `city ${id}`, tags: id % 2 === 0 ? [] : ['a', null] },
}))

test('lists and structs are read as they are declared, else as json', async () => {
  const nested = folderOf({ 'a.parquet': fileBytes(format, Nested, nestedRows) })
  const typed = await fromParquet(nested, { schema: Nested })
  expect(await collected(typed)).toEqual(nestedRows)
  const prices = new Application({ id: 'read' })
    .dataframe(typed)
    .where(c => c.lines.length().gt(0))
    .select(c => ({ price: c.lines.get(0).get('price').mul(2) }))
  expect((await prices.collect())[0]).toEqual({ price: '2.00' })
  const open = await fromParquet(nested)
  expect(String(open.schema)).toBe('{id: int32, lines: json?, place: json}')
  expect(await collected(open)).toEqual(nestedRows)
  const wrong = schema({ place: t.struct({ city: t.int32() }) })
  await expect(collected(await fromParquet(nested, { schema: wrong }))).rejects.toThrow(
    'expected a whole number of 32 bits at .city, got "city 0"',
  )
  rmSync(nested, { recursive: true })
})

test('decimals are read as others with room for them, as text and as numbers', async () => {
  const prices = async (type: DataType) => {
    const source = await fromParquet(folder, { schema: schema({ price: type.nullable() }) })
    return (await collected(source)).map(({ price }) => price).slice(0, 2)
  }
  expect(await prices(t.decimal(38, 4))).toEqual(['0.0000', '-91.0001'])
  expect(await prices(t.string())).toEqual(['0.0000', '-91.0001'])
  expect(await prices(t.float64())).toEqual([0, -91.0001])
  await expect(prices(t.decimal(38, 5))).rejects.toThrow('is read as decimal(38, 4)?, not as')
  await expect(prices(t.decimal(20, 4))).rejects.toThrow('SCHEMA_MISMATCH')
})

test('row groups without a value between the bounds are passed over', async () => {
  const ns = async (between: Record<string, [number, number]>) =>
    (await collected(await fromParquet(folder, { between }))).map(({ n }) => n)
  expect(await ns({ n: [4, 4] })).toEqual([3, 4, 5])
  expect(await ns({ n: [20, 30] })).toEqual([])
  expect(await ns({ real: [0, 0.1] })).toEqual([0, 1, 2])
  expect(await ns({ at: [1.7e12 + 7, 1.8e12] })).toEqual([6, 7, 8, 9].filter(n => n > 6))
  await expect(ns({ x: [0, 1] })).rejects.toThrow('UNKNOWN_COLUMN')
})

test('only the columns that the plan reads are read', async () => {
  const frame = new Application({ id: 'read' }).dataframe(await fromParquet(folder))
  expect((await frame.select('n').collect())[4]).toEqual({ n: 4 })
})

test('damage is an error with the name of the file, and nothing else', async () => {
  const bytes = fileBytes(format, Row_, rows)
  const outcome = async (damaged: Buffer): Promise<string> => {
    const store = memoryStore()
    await store.put('x.parquet', damaged)
    try {
      await collected(await fromParquet({ store }))
      return 'read'
    } catch (error) {
      return (error as { code?: string }).code ?? `${error}`
    }
  }
  for (let size = 0; size < bytes.length; size += 61) {
    expect(await outcome(bytes.subarray(0, size))).toBe('SOURCE_FAILED')
  }
  // The root says that it has ten children more: zigzag, one byte, behind the name.
  const root = bytes.indexOf('schema') + 'schema'.length
  const taller = Buffer.from(bytes)
  taller[root + 1] = (bytes[root + 1] as number) + 20
  expect(await outcome(taller)).toBe('SOURCE_FAILED')
  const codes = ['read', 'SOURCE_FAILED', 'SCHEMA_MISMATCH', 'DECODE_FAILED', 'OVERFLOW']
  await fc.assert(
    fc.asyncProperty(fc.nat(bytes.length - 1), fc.nat(255), async (at, value) => {
      const damaged = Buffer.from(bytes)
      damaged[at] = value
      expect([...codes, 'DUPLICATE_COLUMN', 'TIMESTAMP_UNIT']).toContain(await outcome(damaged))
    }),
    { numRuns: 100 },
  )
})

/** Written by DuckDB 2.0. */
const stored = async (base64: string): Promise<{ store: ReturnType<typeof memoryStore> }> => {
  const store = memoryStore()
  await store.put('x.parquet', Buffer.from(base64, 'base64'))
  return { store }
}

test('a column with more cells than rows is damage, not rows of others', async () => {
  // An array that is null, as two cells.
  const place = await stored(
    'UEFSMRUAFfQBFVQsFQwVABUGFQYAAHoYIQAAAEEqAHYBAABBASUEDw92JQB+AQA8AQAAAAIAAAADAAAABAAAABUC' +
      'GUw1ABgNZHVja2RiX3NjaGVtYRUCADUCGAFhFQIVBgA1BBgEbGlzdBUCABUCJQIYB2VsZW1lbnQlGAAWBhkcGRwm' +
      'ABwVAhkVABk4AWEEbGlzdAdlbGVtZW50FQIWDBaYAhZ4Jgg8NgQoBAQAAAAYBAEAAAAREQAZHBUAFQAVAgAAABaY' +
      'AhYGJggWeAAoKER1Y2tEQiB2ZXJzaW9uIHYyLjAuMSAoYnVpbGQgOGQ3ODExNGU5MCkZHBwAAAC+AAAAUEFSMQ==',
  )
  await expect(fromParquet(place).then(collected)).rejects.toThrow(
    /SOURCE_FAILED.*x\.parquet.*"a\.list\.element" has 4 cells in 3 rows/,
  )
})

test('numbers that only their writer reads are refused, not read wrong', async () => {
  // uint32 of 2^32 - 1, 0, 79 with parquet_version v2: 33 bits where the format has 32.
  const place = await stored(
    'UEFSMRUAFfgQFagBLBUGFQoVBhUGAAC8CDwCAAAABgGAEAgD/v///x/9AQUEIQAZAQycAAAAAST+AQD+AQD+AQD+' +
      'AQD+AQD+AQD+AQD+AQD+AQD+AQD+AQD+AQD+AQD+AQD+AQD+AQBOAQAVBBksNQAYDWR1Y2tkYl9zY2hlbWEVAgAV' +
      'AiUCGAFhJRoAFgYZHBkcJgAcFQIZFQoZGAFhFQIWBhaeERbOASYIPDYAKAT/////GAQAAAAAEREAGRwVABUKFQIA' +
      'AAAWnhEWBiYIFs4BACgoRHVja0RCIHZlcnNpb24gdjIuMC4xIChidWlsZCA4ZDc4MTE0ZTkwKRkcHAAAAJgAAABQ' +
      'QVIx',
  )
  await expect(fromParquet(place).then(collected)).rejects.toThrow(
    /SOURCE_FAILED.*x\.parquet.*"a" has unsigned numbers from 2\^31 on as DuckDB's v2 writes them/,
  )
})

test('a type that no column holds is refused with its name; the others are read', async () => {
  const place = await stored(
    'UEFSMRUAFRIVFiwVAhUAFQYVBgAACSAFAAAAAQEAAWEVABUMFRAsFQIVABUGFQYAAAYUAgAAAAIAFQAVDBUQLBUC' +
      'FQAVBhUGAAAGFAIAAAACARUAFRQVGCwVAhUAFQYVBgAACiQCAAAAAgIBAAAAFQAVCBUMLBUCFQAVBhUGAAAEDAEA' +
      'AAAVAhmcNQAYDWR1Y2tkYl9zY2hlbWEVBAA1ABgBdhUGXAwgEwEAAAAVDCUAGAhtZXRhZGF0YQAVDCUCGAV2YWx1' +
      'ZQA1AhgLdHlwZWRfdmFsdWUVAgA1ABgBYRUEABUMJQIYBXZhbHVlABUCJQIYC3R5cGVkX3ZhbHVlJSIAFQIlABgB' +
      'biUiABYCGRwZXCYAHBUMGRUAGSgBdghtZXRhZGF0YRUCFgIWNBY4Jgg8GAUBAQABYRgFAQEAAWEWACgFAQEAAWEY' +
      'BQEBAAFhEREAGRwVABUAFQIAAAAmABwVDBkVABkoAXYFdmFsdWUVAhYCFi4WMiZAPDYCABkcFQAVABUCAAAAJgAc' +
      'FQwZFQAZSAF2C3R5cGVkX3ZhbHVlAWEFdmFsdWUVAhYCFi4WMiZyPDYCABkcFQAVABUCAAAAJgAcFQIZFQAZSAF2' +
      'C3R5cGVkX3ZhbHVlAWELdHlwZWRfdmFsdWUVAhYCFjYWOiakATwYBAEAAAAYBAEAAAAWACgEAQAAABgEAQAAABER' +
      'ABkcFQAVABUCAAAAJgAcFQIZFQAZGAFuFQIWAhYqFi4m3gE8GAQBAAAAGAQBAAAAFgAoBAEAAAAYBAEAAAAREQAZ' +
      'HBUAFQAVAgAAABbwARYCJggWhAIAKChEdWNrREIgdmVyc2lvbiB2Mi4wLjEgKGJ1aWxkIDhkNzgxMTRlOTApGVwc' +
      'AAAcAAAcAAAcAAAcAAAAHQIAAFBBUjE=',
  )
  await expect(fromParquet(place)).rejects.toThrow(
    /NOT_SUPPORTED.*x\.parquet: column "v" is a VARIANT.*`schema`/,
  )
  const n = await fromParquet(place, { schema: schema({ n: t.int32() }) })
  expect(await collected(n)).toEqual([{ n: 1 }])
  const wanted = schema({ v: t.json() })
  await expect(fromParquet(place, { schema: wanted })).rejects.toThrow('column "v" is a VARIANT')
})

test('a codec that is not known is an error with its column, where that is read', async () => {
  const two = schema({ a: t.int32(), b: t.int32() })
  const bytes = fileBytes(parquet({ compression: 'none' }), two, [{ a: 1, b: 2 }])
  // Path of one name, then the codec: LZO in place of none.
  const at = bytes.indexOf(Buffer.from('1918016115', 'hex'))
  expect(bytes[at + 5]).toBe(0)
  bytes[at + 5] = 6
  const store = memoryStore()
  await store.put('x.parquet', bytes)
  const source = await fromParquet({ store })
  await expect(collected(source)).rejects.toThrow(
    /SOURCE_FAILED.*x\.parquet.*column "a" is compressed by LZO; .*SNAPPY, .* are read/,
  )
  const frame = new Application({ id: 'read' }).dataframe(source)
  expect(await frame.select('b').collect()).toEqual([{ b: 2 }])
})

test('a file with other columns stops the run and is named', async () => {
  const other = schema({ to: t.int32() })
  const store = memoryStore()
  await store.put('a.parquet', fileBytes(parquet(), schema({ to: t.string() }), [{ to: 'OSL' }]))
  await store.put('b.parquet', fileBytes(parquet(), other, [{ to: 1 }]))
  const source = await fromParquet({ store })
  await expect(collected(source)).rejects.toThrow(
    /SCHEMA_MISMATCH.*b\.parquet: column "to" is read as int32, not as string/,
  )
  const more = { schema: schema({ from: t.string() }) }
  await expect(fromParquet({ store }, more)).rejects.toThrow(
    /a\.parquet: there is no column "from"/,
  )
})

test.each([
  ['of another format', Buffer.from('ARROW1 and what follows it')],
  ['of text', Buffer.from('to,delay\nOSL,1\n')],
  ['of nothing', Buffer.alloc(0)],
  ['that is encrypted', Buffer.from('PARE....................PARE')],
])('a file %s is an error with its name', async (_, bytes) => {
  const store = memoryStore()
  await store.put('x.parquet', bytes)
  await expect(fromParquet({ store })).rejects.toThrow(
    /SOURCE_FAILED.*x\.parquet can't be read as Parquet/,
  )
})
