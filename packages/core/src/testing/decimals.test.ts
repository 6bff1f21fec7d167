/** Decimals from outside: JSON in, expressions, sums, groups and state, JSON out. */
import { expect, test } from 'vitest'
import { count, max, mean, min, sum } from '../aggregate/index.ts'
import { Application } from '../api/application.ts'
import type { Topic } from '../api/topic.ts'
import { type DataType, t } from '../schema/data-type.ts'
import { type RowOf, schema } from '../schema/schema.ts'
import { json } from '../serde/json.ts'
import { valueState } from '../state/state-declaration.ts'
import type { DecimalText } from '../util/decimal.ts'
import { tumbling } from '../window/window.ts'
import { SimulatedDisk } from './simulation/simulated-disk.ts'
import { TestDriver } from './test-driver.ts'

const Order = schema({
  shop: t.string(),
  price: t.decimal(9, 2),
  fee: t.decimal(38, 10).nullable(),
})

const bytes = (text: string) => ({ value: Buffer.from(text), timestamp: 1_000 })

test('decimals are read from the digits of JSON, computed with exactly, and written as text', async () => {
  const driver = new TestDriver()
  const app = new Application({ id: 'orders', ...driver.options })
  const orders = app.topic('orders', { value: json(Order) })
  const Result = schema({ shop: t.string(), total: t.decimal(38, 10), twice: t.decimal(11, 2) })
  const results = app.topic('results', { value: json(Result), create: { partitions: 1 } })
  app
    .dataframe(orders)
    .where(c => c.price.gt('9.5'))
    .select(c => ({
      shop: c.shop,
      total: c.price.add(c.fee.fillNull(0)).as(t.decimal(38, 10)),
      twice: c.price.mul(2),
    }))
    .toTopic(results)
  await driver.start(app)
  await driver.feed(orders, [
    // No double holds these, and none stands in between.
    bytes('{"shop":"a","price":9.51,"fee":1234567890123456789012345.0000000001}'),
    bytes('{"shop":"b","price":"10.1","fee":null}'),
    bytes('{"shop":"c","price":9.5,"fee":null}'),
    bytes('{"shop":"d","price":1000000.10e0,"fee":-0.1e-9}'),
  ] as never)
  expect((await driver.read(results)).map(({ value }) => value)).toEqual([
    { shop: 'a', total: '1234567890123456789012354.5100000001', twice: '19.02' },
    { shop: 'b', total: '10.1000000000', twice: '20.20' },
    { shop: 'd', total: '1000000.0999999999', twice: '2000000.20' },
  ])
  await driver.stop()
})

test.each([
  ['12.345', 'a decimal of at most 2 digits behind the point'],
  ['12345678.1', 'a decimal of at most 7 digits before the point'],
  ['"twelve"', "a decimal as text, such as '12.30'"],
  ['true', "a decimal as text, such as '12.30'"],
  ['null', 'decimal, not null'],
])('a record with the decimal %s is refused', async (text, expected) => {
  const driver = new TestDriver()
  const app = new Application({ id: 'orders', ...driver.options })
  const orders = app.topic('orders', { value: json(Order) })
  app.dataframe(orders).toTopic(app.topic('copies', { create: { partitions: 1 } }))
  await driver.start(app)
  const record = bytes(`{"shop":"a","price":${text}}`)
  await expect(driver.feed(orders, [record] as never)).rejects.toThrow(expected)
})

test('groups, sums and extremes of decimals are exact, also over a restart', async () => {
  const disk = new SimulatedDisk()
  const driver = new TestDriver()
  const make = () => {
    const app = new Application({ id: 'sums', ...driver.options, state: disk.at('a') })
    const orders = app.topic('orders', { value: json(Order), disorder: '1s' })
    const sums = app.topic('sums', { value: json(), create: { partitions: 1 } })
    app
      .dataframe(orders)
      .groupBy('price')
      .window(tumbling('10s'), { name: 'sums' })
      .agg(c => ({
        n: count(),
        total: sum(c.fee),
        least: min(c.fee),
        greatest: max(c.fee),
        average: mean(c.fee),
      }))
      .final()
      .toTopic(sums as never)
    return { app, orders, sums: sums as Topic }
  }
  const before = make()
  await driver.start(before.app)
  const order = (price: string, fee: string, timestamp: number) => ({
    value: { shop: 's', price, fee } as RowOf<typeof Order>,
    timestamp,
  })
  await driver.feed(before.orders, [
    order('1.10', '0.0000000001', 1_000),
    order('1.1', '100', 2_000),
    order('-1.10', '7', 2_500),
  ])
  await driver.advance('1s')
  driver.crash(before.app)
  const after = make()
  await driver.start(after.app)
  await driver.feed(after.orders, [order('1.10', '9', 3_000), order('0', '0', 20_000)])
  await driver.advance('2m')
  const told = (await driver.read(after.sums)).slice(0, 2)
  expect(told.map(({ key, value }) => ({ key: String(key), ...value }))).toEqual([
    {
      key: '-1.10',
      price: '-1.10',
      window_start: 0,
      window_end: 10_000,
      n: 1,
      total: '7.0000000000',
      least: '7.0000000000',
      greatest: '7.0000000000',
      average: 7,
    },
    {
      key: '1.10',
      price: '1.10',
      window_start: 0,
      window_end: 10_000,
      n: 3,
      total: '109.0000000001',
      least: '0.0000000001',
      greatest: '100.0000000000',
      average: 109.0000000001 / 3,
    },
  ])
  await driver.stop()
})

test('state of sums and groups is not read by another scale', async () => {
  const disk = new SimulatedDisk()
  const driver = new TestDriver()
  const make = (by: DataType, of: DataType) => {
    const app = new Application({ id: 'scale', ...driver.options, state: disk.at('a') })
    const Row = schema({ price: by, fee: of })
    const orders = app.topic('orders', { value: json(Row) })
    app
      .dataframe(orders as Topic<{ price: DecimalText; fee: DecimalText }>)
      .groupBy('price')
      .window(tumbling('10s'), { name: 'sums' })
      .agg(c => ({ total: sum(c.fee) }))
      .final()
      .toTopic(app.topic('sums', { create: { partitions: 1 } }) as never)
    return { app, orders }
  }
  const before = make(t.decimal(9, 2), t.decimal(9, 2))
  await driver.start(before.app)
  await driver.feed(before.orders, [bytes('{"price":1,"fee":2}')] as never)
  await driver.advance('1s')
  driver.crash(before.app)
  for (const [by, of] of [
    [2, 3],
    [3, 2],
  ] as const) {
    const after = make(t.decimal(9, by), t.decimal(9, of))
    const run = driver.start(after.app).then(() => driver.advance('1m'))
    await expect(run).rejects.toThrow('PLAN_CHANGED')
  }
  // More digits in front are no matter.
  await driver.start(make(t.decimal(20, 2), t.decimal(20, 2)).app)
  await driver.stop()
})

test('functions and state see text with all digits, and give text back', async () => {
  const driver = new TestDriver()
  const app = new Application({ id: 'state', ...driver.options })
  const orders = app.topic('orders', { value: json(Order) })
  const Seen = schema({
    shop: t.string(),
    last: t.decimal(9, 2).nullable(),
    price: t.decimal(9, 3),
  })
  const seen = app.topic('seen', { value: json(Seen), create: { partitions: 1 } })
  app
    .dataframe(orders)
    .map(row => ({ ...row, fee: row.price === '1.50' ? '1' : '2' }) as const, { schema: Order })
    .groupBy('shop')
    .process({
      name: 'last',
      state: { last: valueState(t.decimal(9, 2)) },
      schema: Seen,
      row(row, { state, emit }) {
        emit({ last: state.last.get() ?? null, price: row.price })
        state.last.set(row.price)
      },
    })
    .toTopic(seen)
  await driver.start(app)
  await driver.feed(orders, [
    bytes('{"shop":"a","price":1.5}'),
    bytes('{"shop":"a","price":-0.0}'),
    bytes('{"shop":"a","price":"2"}'),
  ] as never)
  await driver.advance('2m')
  expect((await driver.read(seen)).map(({ value }) => value)).toEqual([
    { shop: 'a', last: null, price: '1.500' },
    { shop: 'a', last: '1.50', price: '0.000' },
    { shop: 'a', last: '0.00', price: '2.000' },
  ])
  await driver.stop()
})
