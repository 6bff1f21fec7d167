/** Lists and structs from outside: JSON in, expressions, functions, state, JSON out. */
import { describe, expect, expectTypeOf, test } from 'vitest'
import { count, max, sum } from '../aggregate/index.ts'
import { Application } from '../api/application.ts'
import type { StreamingDataFrame } from '../api/streaming-data-frame.ts'
import type { Topic } from '../api/topic.ts'
import { columnOf } from '../batch/column-builder.ts'
import { StructColumn } from '../batch/nested-column.ts'
import { columnsOf } from '../expr/columns.ts'
import { evaluator } from '../expr/evaluate.ts'
import { t } from '../schema/data-type.ts'
import { type RowOf, schema } from '../schema/schema.ts'
import { json } from '../serde/json.ts'
import { csv } from '../sink/csv-format.ts'
import { fromArray } from '../source/array-source.ts'
import { fromCsv } from '../source/csv-source.ts'
import { listState, valueState } from '../state/state-declaration.ts'
import { tumbling } from '../window/window.ts'
import { batchOfRows } from './batch-of-rows.ts'
import { SimulatedDisk } from './simulation/simulated-disk.ts'
import { TestDriver } from './test-driver.ts'

const Address = t.struct({
  city: t.string(),
  zip: t.string().nullable(),
  geo: t.struct({ lat: t.float64(), id: t.int64() }).nullable(),
})
const Order = schema({
  user: t.string(),
  address: Address,
  lines: t.list(t.struct({ price: t.decimal(9, 2), qty: t.int32() })),
  tags: t.list(t.string().nullable()).nullable(),
})
type Row = RowOf<typeof Order>

const bytes = (text: string) => ({ value: Buffer.from(text), timestamp: 1_000 })
const GOOD =
  '{"user":"ann","address":{"city":"Bern","geo":{"lat":46.9,"id":9007199254740993},"x":1},' +
  '"lines":[{"price":0.10,"qty":3},{"price":"12.3","qty":1}],"tags":["a",null]}'

test('a row has them as plain arrays and objects, which TypeScript knows', () => {
  expectTypeOf<Row['address']['geo']>().toEqualTypeOf<{ lat: number; id: bigint } | null>()
  expectTypeOf<Row['lines']>().toEqualTypeOf<{ price: `${number}`; qty: number }[]>()
  expectTypeOf<Row['tags']>().toEqualTypeOf<(string | null)[] | null>()
})

/** Runs a frame of orders; gives the values written to a topic. */
async function told(
  build: (orders: StreamingDataFrame<Row>) => StreamingDataFrame<never>,
  records: readonly string[],
): Promise<unknown[]> {
  const driver = new TestDriver()
  const app = new Application({ id: 'orders', ...driver.options })
  const orders = app.topic('orders', { value: json(Order) })
  const results = app.topic('results', { value: json(), create: { partitions: 1 } })
  build(app.dataframe(orders)).toTopic(results as never)
  await driver.start(app)
  await driver.feed(orders, records.map(bytes) as never)
  const read = await driver.read(results as Topic<unknown>)
  await driver.stop()
  return read.map(({ value }) => value)
}

test('they are read exactly, and written as they were', async () => {
  expect(await told(orders => orders as never, [GOOD])).toEqual([
    {
      user: 'ann',
      address: { city: 'Bern', zip: null, geo: { lat: 46.9, id: 9007199254740993n } },
      lines: [
        { price: '0.10', qty: 3 },
        { price: '12.30', qty: 1 },
      ],
      tags: ['a', null],
    },
  ])
})

test('expressions take fields and elements out of them', async () => {
  const rows = await told(
    orders =>
      orders
        .where(c => c.address.get('city').eq('Bern').and(c.lines.length().gt(1)))
        .select(c => ({
          id: c.address.get('geo').get('id'),
          first: c.lines.get(0).get('price').mul(2),
          third: c.lines.get(2).get('qty'),
          tag: c.tags.get(0),
          tags: c.tags.length(),
          where: c.address.get('geo'),
        })) as never,
    [GOOD, GOOD.replace('Bern', 'Rom'), GOOD.replace(/"tags".*]/, '"tags":null')],
  )
  const same = { id: 9007199254740993n, first: '0.20', third: null }
  const where = { lat: 46.9, id: 9007199254740993n }
  expect(rows).toEqual([
    { ...same, tag: 'a', tags: 2, where },
    { ...same, tag: null, tags: null, where },
  ])
})

test('a field of a struct that is null is null, whatever lies below', () => {
  const type = t.struct({ n: t.int32() }).nullable()
  const S = schema({ s: type })
  const below = columnOf(t.int32(), [7, 8])
  const column = new StructColumn(type, 2, [below], Uint8Array.of(0b10))
  const batch = batchOfRows(S, [{ s: null }, { s: { n: 8 } }]).with({ columns: [column] })
  const read = evaluator(columnsOf(S).s.get('n').toExpr(S))(batch)
  expect([read(0), read(1)]).toEqual([null, 8])
})

test('functions get and give them', async () => {
  const Total = schema({ address: Address, total: t.list(t.int32()) })
  const rows = await told(
    orders =>
      orders.map(({ address, lines }) => ({ address, total: lines.map(({ qty }) => qty * 2) }), {
        schema: Total,
      }) as never,
    [GOOD],
  )
  expect(rows).toMatchObject([{ address: { city: 'Bern' }, total: [6, 2] }])
})

test.each([
  ['a field', 'expected text at .city, got 7', '"city":"Bern"', '"city":7'],
  ['none', 'expected string, not null at .city, got nothing', '"city":"Bern",', ''],
  ['one within', 'expected a number at .geo.lat, got "x"', '46.9', '"x"'],
  ['an element', 'expected a whole number of 32 bits at [1].qty, got 1.5', '"qty":1', '"qty":1.5'],
  ['digits', 'at most 2 digits behind the point at [0].price, got "0.101"', '0.10', '0.101'],
  ['an object', 'expected an array, got an object', /\[.*\],/, '{},'],
])('what does not fit is told with its place: %s', async (_, message, from, to) => {
  const record = GOOD.replace(from, to)
  await expect(told(orders => orders as never, [record])).rejects.toThrow(message)
  // Also where the column is not read.
  const users = told(orders => orders.select('user') as never, [record])
  await expect(users).rejects.toThrow(message)
})

test('state and changelogs keep them', async () => {
  const disk = new SimulatedDisk()
  const driver = new TestDriver()
  const make = () => {
    const app = new Application({ id: 'kept', ...driver.options, state: disk.at('a') })
    const orders = app.topic('orders', { value: json(Order) })
    const Seen = schema({ user: t.string(), before: Address.nullable(), lines: t.int32() })
    const seen = app.topic('seen', { value: json(Seen), create: { partitions: 1 } })
    app
      .dataframe(orders)
      .groupBy('user')
      .process({
        name: 'seen',
        state: { last: valueState(Address), lines: listState(t.list(t.int32())) },
        schema: Seen,
        row(row, { state, emit }) {
          state.lines.push(row.lines.map(({ qty }) => qty))
          const before = state.last.get() ?? null
          state.last.set(row.address)
          emit({ before, lines: state.lines.values().flat().length })
        },
      })
      .toTopic(seen)
    return { app, orders, seen }
  }
  const before = make()
  await driver.start(before.app)
  await driver.feed(before.orders, [bytes(GOOD)] as never)
  await driver.advance('2m')
  driver.crash(before.app)
  const after = make()
  await driver.start(after.app)
  await driver.feed(after.orders, [bytes(GOOD.replace('Bern', 'Rom'))] as never)
  await driver.advance('2m')
  const address = { city: 'Bern', zip: null, geo: { lat: 46.9, id: 9007199254740993n } }
  expect((await driver.read(after.seen)).map(({ value }) => value)).toEqual([
    { user: 'ann', before: null, lines: 2 },
    { user: 'ann', before: address, lines: 4 },
  ])
  await driver.stop()
})

describe('where they have no meaning they are refused at the line', () => {
  const orders = new Application({ id: 'refused' }).dataframe(fromArray<Row>([], { schema: Order }))
  test.each([
    [
      'comparisons',
      () => orders.where(c => (c.tags as never as typeof c.user).eq('a')),
      'eq needs',
    ],
    ['no such field', () => orders.where(c => c.address.get('town' as 'city').eq('a')), 'no field'],
    [
      'an element by name',
      () => orders.select(c => ({ x: c.tags.get('a' as never) })),
      'get needs',
    ],
    ['groups', () => orders.groupBy('address'), 'groups are by text'],
    ['keys', () => orders.withKey('tags'), 'has no natural form'],
    ['casts', () => orders.select(c => ({ x: c.tags.as(t.string()) })), 'cannot become string'],
    [
      'other lists',
      () => orders.select(c => ({ x: c.tags.as(t.list(t.int32())) })),
      'cannot become',
    ],
    [
      'order',
      () =>
        orders
          .groupBy('user')
          .window(tumbling('1s'))
          .agg(c => ({ x: max(c.tags as never) })),
      'max',
    ],
    [
      'sums',
      () =>
        orders
          .groupBy('user')
          .window(tumbling('1s'))
          .agg(c => ({ x: sum(c.tags as never) })),
      'sum',
    ],
    ['CSV files', () => csv().check?.(Order), 'CSV'],
    ['CSV sources', () => fromCsv('x.csv', { schema: Order }), 'CSV'],
    ['no fields', () => t.struct({}), 't.struct needs one or more fields'],
    ['no type', () => t.list('string' as never), 't.list(item) needs a type'],
  ])('%s', (_, make, message) => {
    expect(make).toThrow(message)
  })

  test('they are counted, and become json', async () => {
    const rows = [
      {
        ...({ user: 'a', tags: null, lines: [] } as const),
        address: { city: 'x', zip: null, geo: null },
      },
    ]
    const frame = new Application({ id: 'as' }).dataframe(
      fromArray<Row>(rows as never, { schema: Order }),
    )
    const found = await frame
      .select(c => ({ a: c.address.as(t.json()), l: c.lines.as(t.json()).as(t.list(t.int32())) }))
      .collect()
    expect(found).toEqual([{ a: { city: 'x', zip: null, geo: null }, l: [] }])
    expect(() =>
      frame
        .groupBy('user')
        .window(tumbling('1s'))
        .agg(c => ({ n: count(c.tags) })),
    ).not.toThrow()
  })
})
