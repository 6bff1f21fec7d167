import { schema, t } from '@millrace/core'
import { expect, test } from 'vitest'
import { avro } from './avro.ts'
import { toAvroSchema } from './to-avro-schema.ts'

test('a frame can be written with the Avro schema of its schema, and reads the same', () => {
  const Total = schema({
    user: t.string(),
    n: t.int64(),
    part: t.int32(),
    mean: t.float64().nullable(),
    last: t.timestamp().nullable(),
    ok: t.boolean(),
    raw: t.bytes(),
  })
  const serde = avro(toAvroSchema(Total, 'shop.Total'))
  expect(`${serde.schema}`).toBe(`${Total}`)
  expect(() => serde.encoder(Total)).not.toThrow()
  expect(toAvroSchema(schema({ a: t.string().nullable() }), 'A')).toEqual({
    type: 'record',
    name: 'A',
    fields: [{ name: 'a', type: ['null', 'string'], default: null }],
  })
})

test.each([
  [schema({ a: t.json() }), 'A', 'SCHEMA_MISMATCH', /"a" is json/],
  [schema({ 'a b': t.string() }), 'A', 'SCHEMA_MISMATCH', /"a b" is no Avro name/],
  [schema({ a: t.string() }), 'a-b', 'INVALID_ARGUMENT', /"a-b"/],
])('refuses %s as %s', (of, name, code, message) => {
  expect(() => toAvroSchema(of, name)).toThrow(message)
  expect(() => toAvroSchema(of, name)).toThrow(code)
})
