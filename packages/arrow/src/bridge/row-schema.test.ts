import { schema, t } from '@millrace/core'
import {
  DateDay,
  Decimal,
  Field,
  Float32,
  Int8,
  Int64,
  List,
  Schema,
  TimeMicrosecond,
  TimeSecond,
  Uint32,
  Utf8,
} from 'apache-arrow'
import { expect, test } from 'vitest'
import { rowSchema } from './row-schema.ts'

const arrow = new Schema([
  new Field('int8', new Int8()),
  new Field('uint32', new Uint32(), true),
  new Field('int64', new Int64()),
  new Field('float32', new Float32()),
  new Field('decimal', new Decimal(2, 10)),
  new Field('day', new DateDay()),
  new Field('seconds', new TimeSecond()),
  new Field('micros', new TimeMicrosecond()),
  new Field('list', new List(new Field('item', new Utf8(), true)), true),
  new Field('text', new Utf8()),
])

test('types that a frame has not are read as the nearest', () => {
  expect(String(rowSchema(arrow, undefined, 'test'))).toBe(
    '{int8: int32, uint32: int64?, int64: int64, float32: float64, decimal: decimal(10, 2), ' +
      'day: timestamp, seconds: int32, micros: int64, list: list<string?>?, text: string}',
  )
})

test('a schema names the columns to read, as wider types too', () => {
  const declared = schema({
    text: t.json().nullable(),
    int8: t.int64(),
    int64: t.int64({ as: 'number' }),
    decimal: t.float64(),
  })
  expect(rowSchema(arrow, declared, 'test')).toBe(declared)
  const refusal = (fields: Parameters<typeof schema>[0]) => () =>
    rowSchema(arrow, schema(fields), 'data.arrow')
  expect(refusal({ txt: t.string() })).toThrow('no column "txt". Did you mean')
  expect(refusal({ int64: t.int32() })).toThrow('data.arrow: column "int64" is Int64 there')
  expect(refusal({ uint32: t.int64() })).toThrow('SCHEMA_MISMATCH')
})

test('two columns of one name are read only when the columns are named', () => {
  const twice = new Schema([new Field('a', new Int8()), new Field('a', new Int8())])
  expect(() => rowSchema(twice, undefined, 'test')).toThrow('SCHEMA_MISMATCH')
})
