import { expect, test } from 'vitest'
import { cellOf } from '../batch/batch.ts'
import { rowsOf } from '../batch/row.ts'
import { t } from '../schema/data-type.ts'
import { OPEN_SCHEMA, Schema, schema } from '../schema/schema.ts'
import type { SourceRecord } from './source.ts'
import { sourceBatch } from './source-batch.ts'

const Purchase = schema({ user: t.string(), amount: t.float64().nullable() })
const RECORDS: SourceRecord[] = [
  { value: { user: 'a', amount: 1.5 }, key: Buffer.from('a'), timestamp: 1_000 },
  { value: { user: 'b', amount: null }, key: null },
]
const PLACE = { name: 'array', partition: 2, firstOffset: 40 }

test('holds the cells and what belongs to the records', () => {
  const batch = sourceBatch(RECORDS, Purchase, 'all', PLACE)
  expect(batch.schema).toBe(Purchase)
  expect([0, 1].map(rowsOf(batch))).toEqual(RECORDS.map(record => record.value))
  const { records } = batch
  expect([records.topic, records.partition]).toEqual(['array', 2])
  expect([0, 1].map(index => records.keys.get(index))).toEqual([Buffer.from('a'), null])
  expect([...records.timestamps]).toEqual([1_000, 0])
  expect([...records.offsets]).toEqual([40, 41])
  expect([...records.watermarks]).toEqual([Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY])
  expect(records.headers).toBe(null)
  expect(batch.isTombstone(0)).toBe(false)
})

test('holds only the columns read', () => {
  const batch = sourceBatch(RECORDS, Purchase, ['amount'], PLACE)
  expect(String(batch.schema)).toBe('{amount: float64?}')
  expect([0, 1].map(rowsOf(batch))).toEqual([{ amount: 1.5 }, { amount: null }])
  expect(sourceBatch(RECORDS, Purchase, [], PLACE).length).toBe(2)
})

test('of an open schema holds whole values, or the columns read as json', () => {
  const records = [{ value: { a: { b: 1 } } }, { value: { constructor: 2 } as never }]
  const whole = sourceBatch(records, OPEN_SCHEMA, 'all', PLACE)
  expect(whole.columns).toEqual([])
  expect([0, 1].map(rowsOf(whole))).toEqual(records.map(record => record.value))
  expect(cellOf(whole, 'a', 0)).toEqual({ b: 1 })
  const read = sourceBatch(records, OPEN_SCHEMA, ['constructor', 'a'], PLACE)
  expect(read.rest).toBe(null)
  expect([0, 1].map(rowsOf(read))).toEqual([
    { constructor: null, a: { b: 1 } },
    { constructor: 2, a: null },
  ])
})

test('of an open schema with declared columns holds both', () => {
  const half = new Schema([{ name: 'n', type: t.int32() }], true)
  const batch = sourceBatch([{ value: { n: 1, more: 'x' } }], half, 'all', PLACE)
  expect(batch.columns.map(column => column.get(0))).toEqual([1])
  expect(rowsOf(batch)(0)).toEqual({ n: 1, more: 'x' })
})
