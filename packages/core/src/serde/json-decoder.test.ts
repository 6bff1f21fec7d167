import { expect, test } from 'vitest'
import { type Row, rowsOf } from '../batch/row.ts'
import { t } from '../schema/data-type.ts'
import { OPEN_SCHEMA, Schema, schema } from '../schema/schema.ts'
import { sourceBatch } from '../source/source-batch.ts'
import { JsonDecoder } from './json-decoder.ts'
import type { ColumnsRead, Decoded } from './serde.ts'

function decode(shape: Schema, read: ColumnsRead, ...texts: readonly string[]): Decoded {
  const records = texts.map(each => Buffer.from(each))
  const ends = records.map((_, i) => Buffer.concat(records.slice(0, i + 1)).length)
  return new JsonDecoder({ schema: shape, standard: null }, read).decode({
    count: records.length,
    data: Buffer.concat(records),
    start: Int32Array.from(records, (record, i) => (ends[i] as number) - record.length),
    size: Int32Array.from(records, record => record.length),
  })
}

function rows(decoded: Decoded): Row[] {
  const length = decoded.rest?.length ?? decoded.columns[0]?.length ?? 0
  const place = { name: 'test', partition: 0, firstOffset: 0 }
  const empty = new Array(length).fill({ value: {} })
  const batch = sourceBatch(empty, new Schema([]), 'all', place).with(decoded)
  return Array.from({ length }, (_, index) => rowsOf(batch)(index))
}

test('builds only the columns read, in the order asked, and checks all', () => {
  const Pair = schema({ a: t.string(), b: t.int32(), c: t.boolean() })
  const good = '{"a":"x","b":1,"c":true}'
  const decoded = decode(Pair, ['c', 'a'], good, '{"a":"x","b":1.5,"c":true}', good)
  expect(decoded.schema.names).toEqual(['c', 'a'])
  expect(rows(decoded)).toEqual([
    { c: true, a: 'x' },
    { c: null, a: null },
    { c: true, a: 'x' },
  ])
  expect(decoded.failures).toMatchObject([{ index: 1, field: 'b', got: '1.5' }])
})

test('reads columns of an open schema as nullable json', () => {
  const decoded = decode(OPEN_SCHEMA, ['a', 'toString'], '{"a":{"b":[1]},"c":2}', '{}')
  expect(String(decoded.schema)).toBe('{a: json?, toString: json?}')
  expect(decoded.rest).toBe(null)
  expect(rows(decoded)).toEqual([
    { a: { b: [1] }, toString: null },
    { a: null, toString: null },
  ])
})

test('reads an open schema with declared columns: those checked, the rest whole', () => {
  const half = new Schema([{ name: 'n', type: t.int64() }], true)
  const decoded = decode(half, 'all', '{"n":"5","more":1}', '{"more":1}')
  expect(decoded.columns.map(column => column.get(0))).toEqual([5n])
  expect(decoded.rest?.get(0)).toEqual({ n: '5', more: 1 })
  expect(decoded.failures).toMatchObject([{ index: 1, field: 'n', got: 'no such field' }])
})

test('ignores other fields, takes the last of equal names, reads ISO times', () => {
  const Small = schema({ n: t.int32(), at: t.timestamp(), gone: t.string().nullable() })
  const record = '{"n":1,"x":{"n":5},"at":"2026-08-01T10:00:00Z","n":2,"\\u006e":3}'
  const decoded = decode(Small, 'all', record)
  expect(rows(decoded)).toEqual([{ n: 3, at: Date.UTC(2026, 7, 1, 10), gone: null }])
})

test('lone surrogates become U+FFFD, nothing else is replaced', () => {
  const decoded = decode(schema({ s: t.string() }), 'all', '{"s":"a\\ud800b"}')
  expect(rows(decoded)).toEqual([{ s: 'a\ufffdb' }])
})

test('columns of an inherited name are not taken from the prototype', () => {
  const Inherited = schema({ toString: t.string().nullable(), valueOf: t.json().nullable() })
  expect(rows(decode(Inherited, 'all', '{}'))).toEqual([{ toString: null, valueOf: null }])
})

test('does not touch prototypes', () => {
  decode(OPEN_SCHEMA, 'all', '{"__proto__":{"polluted":1},"constructor":{"prototype":{}}}')
  expect(({} as Record<string, unknown>)['polluted']).toBe(undefined)
})
