import {
  Application,
  type Columns,
  type OpenExpression,
  type RowOf,
  schema,
  t,
} from '@millrace/core'
import { TestDriver } from '@millrace/core/testing'
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

test('lists and structs are arrays and records, and become columns of their types again', async () => {
  const Lines = t.list(t.struct({ price: t.decimal(9, 2), n: t.int64().nullable() }))
  const Place = t.struct({ city: t.string(), at: t.timestamp(), raw: t.bytes() })
  const Order = schema({ id: t.int32(), lines: Lines.nullable(), place: Place })
  const rows = [
    {
      id: 1,
      lines: [
        { price: '12.30', n: 2n ** 60n },
        { price: '-0.05', n: null },
      ],
      place: { city: 'Bern', at: 1_700_000_000_123, raw: Buffer.of(1, 2) },
    },
    { id: 2, lines: null, place: { city: '', at: 0, raw: Buffer.of() } },
  ] as RowOf<typeof Order>[]
  const avroSchema = toAvroSchema(Order, 'shop.Order')
  expect(avroSchema).toMatchObject({
    fields: [
      { name: 'id' },
      { name: 'lines', type: ['null', { type: 'array', items: { name: 'shop.Order_lines' } }] },
      { name: 'place', type: { type: 'record', name: 'shop.Order_place' } },
    ],
  })
  const driver = new TestDriver()
  const app = new Application({ id: 'orders', ...driver.options })
  const value = avro(avroSchema)
  const [orders, copies] = ['orders', 'copies'].map(name => app.topic(name, { value }))
  const typed = app
    .dataframe(orders as never)
    .withColumns((c: Columns<Record<string, unknown>>) => ({
      lines: (c['lines'] as OpenExpression).as(Lines),
      place: (c['place'] as OpenExpression).as(Place),
    }))
  expect(`${typed.schema}`).toBe(`${Order}`)
  typed.toTopic(copies as never)
  await driver.start(app)
  await driver.feed(orders as never, rows.map(row => ({ value: row })) as never)
  const read = (await driver.read(copies as never)).map(record => record.value as { id: number })
  expect(read.sort((a, b) => a.id - b.id)).toEqual(rows)
  await driver.stop()
})
