import { describe, expect, test } from 'vitest'
import { t } from '../schema/data-type.ts'
import { OPEN_SCHEMA, Schema } from '../schema/schema.ts'
import { Batch, cellOf, gatherRecords, type RecordColumns } from './batch.ts'
import { type BytesColumn, type CellValue, type JsonColumn, StringColumn } from './column.ts'
import { columnOf } from './column-builder.ts'

const HEADER = { name: 'h', value: null }

/** Four records; the second has a null key, the third is a tombstone and has a header. */
const RECORDS: RecordColumns = {
  topic: 'a',
  partition: 3,
  keys: columnOf(t.bytes(), [
    Buffer.from('k0'),
    null,
    Buffer.from('k2'),
    Buffer.alloc(0),
  ]) as BytesColumn,
  timestamps: Float64Array.of(10, 11, 12, 13),
  offsets: Float64Array.of(100, 101, 105, 106),
  watermarks: Float64Array.of(-Infinity, 10, 11, 12),
  headers: [[], [], [HEADER]],
  tombstones: Uint8Array.of(0b0100),
}

const VALUES = new Batch({
  schema: new Schema([{ name: 'n', type: t.int32() }]),
  columns: [columnOf(t.int32(), [0, 1, null, 3])],
  rest: null,
  records: RECORDS,
  selection: null,
})

describe('a batch', () => {
  test('of which all records are in counts them all', () => {
    expect([VALUES.length, VALUES.count]).toEqual([4, 4])
    expect([VALUES.at(0), VALUES.at(3)]).toEqual([0, 3])
  })

  test('with a selection has the records that are in, and all columns', () => {
    const some = VALUES.with({ selection: Int32Array.of(1, 3) })
    expect([some.length, some.count]).toEqual([4, 2])
    expect([some.at(0), some.at(1)]).toEqual([1, 3])
    expect(some.columns).toBe(VALUES.columns)
    expect(VALUES.count).toBe(4)
    const none = VALUES.with({ selection: new Int32Array(0) })
    expect([none.length, none.count]).toEqual([4, 0])
    expect(some.with({ selection: null }).count).toBe(4)
  })

  test('knows its tombstones and headers', () => {
    expect([0, 1, 2, 3].map(i => VALUES.isTombstone(i))).toEqual([false, false, true, false])
    expect([0, 2, 3].map(i => VALUES.headers(i))).toEqual([[], [HEADER], []])
    const plain = VALUES.with({ records: { ...RECORDS, headers: null, tombstones: null } })
    expect([plain.isTombstone(2), plain.headers(2)]).toEqual([false, []])
  })
})

describe('records gathered', () => {
  const indices = Int32Array.of(2, 1, 2)

  test('have all their parts, in the order asked for, repeated when asked', () => {
    const gathered = gatherRecords(RECORDS, indices)
    const keys = [0, 1, 2].map(i => gathered.keys.get(i))
    expect(keys).toEqual([Buffer.from('k2'), null, Buffer.from('k2')])
    expect([...gathered.timestamps]).toEqual([12, 11, 12])
    expect([...gathered.offsets]).toEqual([105, 101, 105])
    expect([...gathered.watermarks]).toEqual([11, 10, 11])
    expect(gathered.headers).toEqual([[HEADER], [], [HEADER]])
    expect(gathered.tombstones).toEqual(Uint8Array.of(0b101))
    expect([gathered.topic, gathered.partition]).toEqual(['a', 3])
  })

  test('have no headers and tombstones where there are none', () => {
    const gathered = gatherRecords({ ...RECORDS, headers: null, tombstones: null }, indices)
    expect([gathered.headers, gathered.tombstones]).toEqual([null, null])
  })

  test('may be none', () => {
    const gathered = gatherRecords(RECORDS, new Int32Array(0))
    expect([gathered.keys.length, gathered.timestamps.length]).toEqual([0, 0])
  })

  test('keep the class of their keys', () => {
    const keys = columnOf(t.string(), ['a', null, 'é', '']) as StringColumn
    const gathered = gatherRecords({ ...RECORDS, keys: keys as unknown as BytesColumn }, indices)
    expect(gathered.keys).toBeInstanceOf(StringColumn)
    expect([0, 1, 2].map(i => gathered.keys.get(i))).toEqual(['é', null, 'é'])
  })
})

describe('cellOf', () => {
  const open = (values: CellValue[]): Batch =>
    VALUES.with({
      schema: OPEN_SCHEMA,
      columns: [],
      rest: columnOf(t.json(), values) as JsonColumn,
    })

  test('finds a declared column by its name', () => {
    expect([0, 2].map(i => cellOf(VALUES, 'n', i))).toEqual([0, null])
  })

  test('finds an undeclared one in the value of an open batch', () => {
    const batch = open([{ a: 1 }, { a: null }, null, { b: 2 }])
    expect([0, 1, 2, 3].map(i => cellOf(batch, 'a', i))).toEqual([1, null, null, null])
  })

  test('takes nothing from the prototype, and own columns whatever their name', () => {
    const own = JSON.parse('{"__proto__":1,"constructor":2,"then":3}')
    const batch = open([own, {}, null, 'text'])
    for (const [name, cell] of [
      ['__proto__', 1],
      ['constructor', 2],
      ['then', 3],
    ] as const) {
      expect([0, 1, 2, 3].map(i => cellOf(batch, name, i))).toEqual([cell, null, null, null])
    }
  })

  test('is null in a closed batch without that column', () => {
    expect(cellOf(VALUES, 'x', 0)).toBe(null)
  })
})
