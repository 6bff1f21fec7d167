import { describe, expect, test } from 'vitest'
import { count, max, sum } from '../aggregate/index.ts'
import { col } from '../expr/col.ts'
import { t } from '../schema/data-type.ts'
import { schema } from '../schema/schema.ts'
import { json } from '../serde/json.ts'
import { integer, string } from '../serde/scalars.ts'
import { listSink } from '../sink/list-sink.ts'
import { fromArray } from '../source/array-source.ts'
import { TestDriver } from '../testing/test-driver.ts'
import { tumbling } from '../window/window.ts'
import { Application } from './application.ts'
import type { StreamingDataFrame } from './streaming-data-frame.ts'

const Sale = schema({
  shop: t.string(),
  n: t.int32(),
  price: t.float64().nullable(),
  note: t.string().nullable(),
})
const SALES = [
  { shop: 'a', n: 1, price: 2.5, note: null },
  { shop: 'b', n: 2, price: null, note: 'x' },
  { shop: 'a', n: 4, price: 1, note: 'y' },
]

function sales(): StreamingDataFrame<typeof Sale.row> {
  const app = new Application({ id: 'sales', ...new TestDriver().options })
  return app.dataframe(fromArray(SALES, { schema: Sale, timestamp: row => row.n * 1000 }))
}

/** Feeds a topic and gives what frames built on it write, with the optimiser's rules and without. */
async function written<Row>(
  rows: readonly object[],
  declare: (app: Application) => ReturnType<typeof app.topic<Row>>,
  build: (frame: StreamingDataFrame<Row>) => readonly StreamingDataFrame[],
): Promise<Record<string, unknown>[][]> {
  const runs = [true, false].map(async rules => {
    const driver = new TestDriver({ partitions: 2 })
    const app = new Application({ id: 'frames', ...driver.options })
    const topic = declare(app)
    const lists = build(app.dataframe(topic)).map(frame => {
      const list = listSink<Record<string, unknown>>()
      frame.sink(list)
      return list
    })
    await driver.feed(topic, rows.map((value, i) => ({ value, timestamp: 1000 * i })) as never)
    await driver.start(app, { until: 'end', flush: true, rules })
    return lists.map(list => [...list.rows])
  })
  const [withRules, without] = await Promise.all(runs)
  expect(withRules?.map(sorted)).toEqual(without?.map(sorted))
  return withRules as Record<string, unknown>[][]
}

/** Rows of several tasks come in no order of their own. */
function sorted(rows: readonly object[]): object[] {
  return [...rows].sort((x, y) => (JSON.stringify(x) < JSON.stringify(y) ? -1 : 1))
}

describe('steps', () => {
  test('where keeps what is true, not null', async () => {
    expect(
      await sales()
        .where(c => c.price.gt(1))
        .collect(),
    ).toEqual([SALES[0]])
    expect(await sales().where(col('note').isNotNull()).select('n').collect()).toEqual([
      { n: 2 },
      { n: 4 },
    ])
  })

  test('filter, map and flatMap take plain rows', async () => {
    expect(
      await sales()
        .filter(row => row.note !== null)
        .select('n')
        .collect(),
    ).toEqual([{ n: 2 }, { n: 4 }])
    expect(
      await sales()
        .map(row => ({ ...row, n: row.n * 10, more: [1] }))
        .collect(),
    ).toEqual(SALES.map(row => ({ ...row, n: row.n * 10, more: [1] })))
    const words = sales().flatMap(row => (row.note === null ? [] : [{ w: row.note }, { w: '.' }]))
    expect(await words.collect()).toEqual([{ w: 'x' }, { w: '.' }, { w: 'y' }, { w: '.' }])
  })

  test('map with a schema gives columns that expressions know', async () => {
    const Word = schema({ word: t.string() })
    const words = sales().map(row => ({ word: row.shop }), { schema: Word })
    expect(await words.where(c => c.word.eq('b')).collect()).toEqual([{ word: 'b' }])
    expect(`${words.schema}`).toBe('{word: string}')
  })

  test('select, withColumns, drop, rename and fillNull', async () => {
    const frame = sales()
    expect(await frame.select('n', 'shop').collect()).toEqual(
      SALES.map(({ n, shop }) => ({ n, shop })),
    )
    const total = frame.withColumns(c => ({ n: c.n.add(1), before: c.n }))
    expect(await total.select('n', 'before').collect()).toEqual(
      SALES.map(({ n }) => ({ n: n + 1, before: n })),
    )
    expect(await frame.drop('price', 'note').collect()).toEqual(
      SALES.map(({ shop, n }) => ({ shop, n })),
    )
    const filled = frame.fillNull({ price: 0, note: '-' })
    expect(`${filled.schema}`).toBe('{shop: string, n: int32, price: float64, note: string}')
    expect((await filled.collect())[1]).toEqual({ shop: 'b', n: 2, price: 0, note: 'x' })
  })

  test('rename swaps two columns, in their places', async () => {
    const swapped = sales().select('shop', 'n').rename({ shop: 'n', n: 'shop' })
    expect(swapped.schema.names).toEqual(['n', 'shop'])
    expect(await swapped.collect()).toEqual(SALES.map(({ shop, n }) => ({ n: shop, shop: n })))
    expect(() => sales().rename({ shop: 'n' })).toThrow('DUPLICATE_COLUMN')
  })

  test('tap sees every row and changes none', async () => {
    const seen: number[] = []
    const rows = await sales()
      .tap(row => seen.push(row.n))
      .select('n')
      .collect()
    expect(seen).toEqual([1, 2, 4])
    expect(rows).toEqual(seen.map(n => ({ n })))
  })

  test('frames never change; both branches of one come out', async () => {
    const frame = sales().where(c => c.shop.eq('a'))
    const [more, less] = [frame.withColumns(() => ({ x: 1 })), frame.select('n')]
    expect(await less.collect()).toEqual([{ n: 1 }, { n: 4 }])
    expect((await more.collect()).map(({ x }) => x)).toEqual([1, 1])
    expect(await frame.collect()).toEqual([SALES[0], SALES[2]])
  })

  test('what is no step is refused with what would be one', () => {
    const frame = sales() as StreamingDataFrame
    expect(() => frame.where((() => false) as never)).toThrow(
      'INVALID_ARGUMENT: where needs a condition over columns; got false.',
    )
    expect(() => frame.filter('n > 1' as never)).toThrow('filter needs a function, for example')
    expect(() => frame.map(null as never)).toThrow('map needs a function')
    expect(() => frame.withColumns((() => 5) as never)).toThrow(
      'withColumns needs an object of columns, for example c => ({ total: c.amount.mul(2) })',
    )
    expect(() => frame.rename('shop' as never)).toThrow(
      "rename needs an object such as { user_id: 'user' }",
    )
    expect(() => frame.rename({ shop: 5 } as never)).toThrow('rename needs a new name for "shop"')
    expect(() => frame.fillNull(undefined as never)).toThrow('fillNull needs an object')
    expect(() => frame.drop(5 as never)).toThrow('drop needs column names; got number')
    expect(() => frame.drop('shop', 'n', 'price', 'note')).toThrow('drop leaves no column')
    expect(() => frame.toTopic('totals' as never)).toThrow(
      "toTopic needs a topic, for example app.topic('totals'); got string",
    )
    expect(() => frame.sink(console.log as never)).toThrow('sink needs a sink')
    expect(() => frame.groupBy('n').window('10s' as never)).toThrow(
      "window needs a window, for example tumbling('10s'); got string",
    )
    expect(() => frame.where(col('n').gt(1), { onError: 'skip' as never })).toThrow(
      'onError needs a policy: fail(), skip() or deadLetter(topic); got string',
    )
    expect(() => frame.groupBy('n', { name: '' })).toThrow('the name of groupBy needs to be text')
    const window = { name: 5 as never }
    expect(() => frame.groupBy('n').window(tumbling('1s'), window)).toThrow(
      'the name of window needs to be text that is not empty; got number',
    )
    expect(() => frame.map(row => row, { schema: { n: 1 } as never })).toThrow(
      'map needs a schema made by schema({ … }); got object',
    )
  })
})

describe('windows', () => {
  test('by one column, by two, by the key of the topic', async () => {
    const rows = [
      { shop: 'a', n: 1 },
      { shop: 'b', n: 2 },
      { shop: 'a', n: 4 },
      { shop: 'a', n: 4 },
    ]
    const Pair = schema({ shop: t.string(), n: t.int32() })
    const [byShop, byBoth, byKey] = await written(
      rows,
      app => app.topic('pairs', { key: string(), keyColumn: 'shop', value: json(Pair) }),
      frame => [
        frame
          .groupBy('shop')
          .window(tumbling('1m'))
          .agg(c => ({ n: sum(c.n) }))
          .final(),
        frame
          .groupBy(['n', 'shop'])
          .window(tumbling('1m'))
          .agg(() => ({ rows: count() }))
          .final(),
        frame
          .window(tumbling('1m'), { name: 'key' })
          .agg(c => ({ n: max(c.n) }))
          .final(),
      ],
    )
    const bounds = { window_start: 0, window_end: 60_000 }
    expect(sorted(byShop ?? [])).toEqual([
      { shop: 'a', ...bounds, n: 9 },
      { shop: 'b', ...bounds, n: 2 },
    ])
    expect(sorted(byBoth ?? [])).toEqual([
      { n: 1, shop: 'a', ...bounds, rows: 1 },
      { n: 2, shop: 'b', ...bounds, rows: 1 },
      { n: 4, shop: 'a', ...bounds, rows: 2 },
    ])
    expect(sorted(byKey ?? [])).toEqual([
      { shop: 'a', ...bounds, n: 4 },
      { shop: 'b', ...bounds, n: 2 },
    ])
  })

  test('two windows of different sizes on one grouping', async () => {
    const [short, long] = await written(
      [{ shop: 'a' }, { shop: 'a' }, { shop: 'a' }],
      app => app.topic('rows', { value: json(schema({ shop: t.string() })) }),
      frame => {
        const grouped = frame.groupBy('shop')
        return [
          grouped
            .window(tumbling('2s'))
            .agg(() => ({ n: count() }))
            .final()
            .select('n'),
          grouped
            .window(tumbling('1m'), { name: 'long' })
            .agg(() => ({ n: count() }))
            .final(),
        ]
      },
    )
    expect(sorted(short ?? [])).toEqual([{ n: 1 }, { n: 2 }])
    expect(long).toEqual([{ shop: 'a', window_start: 0, window_end: 60_000, n: 3 }])
  })

  test('of a key column that was overwritten go by the new values', async () => {
    const [totals] = await written(
      [
        { shop: 'a', n: 1 },
        { shop: 'b', n: 2 },
        { shop: 'c', n: 3 },
      ],
      app =>
        app.topic('pairs', {
          key: string(),
          keyColumn: 'shop',
          value: json(schema({ shop: t.string(), n: t.int32() })),
        }),
      frame => [
        frame
          .withColumns(() => ({ shop: 'all' }))
          .groupBy('shop')
          .window(tumbling('1m'))
          .agg(c => ({ n: sum(c.n) }))
          .final(),
      ],
    )
    expect(totals).toEqual([{ shop: 'all', window_start: 0, window_end: 60_000, n: 6 }])
  })

  test('of a key column under a new name, and of one that was dropped', async () => {
    const [renamed, dropped] = await written(
      [
        { shop: 'a', n: 1 },
        { shop: 'b', n: 1 },
        { shop: 'a', n: 1 },
      ],
      app =>
        app.topic('pairs', {
          key: string(),
          keyColumn: 'shop',
          value: json(schema({ shop: t.string(), n: t.int32() })),
        }),
      frame => [
        frame
          .select(c => ({ store: c.shop, n: c.n }))
          .groupBy('store')
          .window(tumbling('1m'))
          .agg(c => ({ n: sum(c.n) }))
          .final(),
        frame
          .drop('shop')
          .groupBy('n')
          .window(tumbling('1m'))
          .agg(() => ({ rows: count() }))
          .final(),
      ],
    )
    const bounds = { window_start: 0, window_end: 60_000 }
    expect(sorted(renamed ?? [])).toEqual([
      { store: 'a', ...bounds, n: 2 },
      { store: 'b', ...bounds, n: 1 },
    ])
    expect(dropped).toEqual([{ n: 1, ...bounds, rows: 3 }])
  })

  test('of windows', async () => {
    const [days] = await written(
      [{ shop: 'a' }, { shop: 'a' }, { shop: 'b' }],
      app => app.topic('rows', { value: json(schema({ shop: t.string() })) }),
      frame => [
        frame
          .groupBy('shop')
          .window(tumbling('1s'))
          .agg(() => ({ n: count() }))
          .final()
          .groupBy('shop')
          .window(tumbling('1m'), { name: 'minutes' })
          .agg(c => ({ seconds: count(), n: sum(c.n) }))
          .final()
          .select('shop', 'seconds', 'n'),
      ],
    )
    expect(sorted(days ?? [])).toEqual([
      { shop: 'a', seconds: 2, n: 2 },
      { shop: 'b', seconds: 1, n: 1 },
    ])
  })

  test('late records come as they were, with columns the window does not read', async () => {
    const driver = new TestDriver()
    const app = new Application({ id: 'late', ...driver.options })
    const rows = app.topic('rows', { value: json(Sale) })
    const windows = app
      .dataframe(rows)
      .withColumns(c => ({ double: c.n.mul(2) }))
      .groupBy('shop')
      .window(tumbling('1s'))
      .agg(() => ({ n: count() }))
    const [late, final] = [listSink<Record<string, unknown>>(), listSink()]
    windows.late().drop('price').sink(late)
    windows.final().select('n').sink(final)
    await driver.start(app)
    const row = { shop: 'a', n: 3, price: null, note: 'hello' }
    await driver.feed(rows, [
      { value: row, timestamp: 5_000 },
      { value: { ...row, n: 4 }, timestamp: 1_000 },
    ])
    await driver.advance('2s')
    expect(late.rows).toEqual([{ shop: 'a', n: 4, note: 'hello', double: 8 }])
    await driver.stop()
  })

  test('of frames that changed their key or their time are refused', () => {
    const app = new Application({ id: 'refused' })
    const frame = app.dataframe(app.topic('sales', { value: json(Sale) }))
    expect(() => frame.withKey('shop').window(tumbling('1s'))).toThrow('Group by a column')
    expect(() =>
      frame
        .withTimestamp('n')
        .groupBy('shop')
        .window(tumbling('1s'))
        .agg(() => ({ n: count() })),
    ).toThrow('event time of a window cannot be changed by withTimestamp#1')
  })

  test('aggregates are asked for where there are none', () => {
    const windows = sales().groupBy('shop').window(tumbling('1s'))
    expect(() => windows.agg((() => ({})) as never)).toThrow('agg needs at least one aggregate')
    expect(() => windows.agg((() => count()) as never)).toThrow('agg needs an object of aggregates')
    expect(() => windows.agg('count' as never)).toThrow('agg needs an object of aggregates')
    expect(() => windows.agg(() => ({ shop: count() }))).toThrow('DUPLICATE_COLUMN')
    expect(() => windows.agg(() => ({ window_end: count() }))).toThrow('DUPLICATE_COLUMN')
  })
})

describe('columns of any name', () => {
  const NAMES = ['then', 'constructor', '__proto__', 'toString', 'q\'u"o`te\\', '\u2028', 'a b', '']

  test('go from topic to topic through every step', async () => {
    const Odd = schema(
      Object.fromEntries([...NAMES, 'last'].map(name => [name, t.int32().nullable()])),
    )
    const row = Object.fromEntries([...NAMES, 'last'].map((name, i) => [name, i]))
    for (const value of [json(Odd), json()]) {
      for (const rules of [true, false]) {
        const driver = new TestDriver({ partitions: 2 })
        const app = new Application({ id: 'odd', ...driver.options })
        const from = app.topic('from', { value })
        const to = app.topic('to')
        let frame: StreamingDataFrame = app.dataframe(from)
        for (const name of NAMES) {
          frame = frame
            .where(c => c[name]!.isNotNull())
            .filter(each => Object.hasOwn(each, name))
            .withColumns(c => Object.fromEntries([[name, c[name]!]]))
            .rename(Object.fromEntries([[name, 'moved']]))
            .rename(Object.fromEntries([['moved', name]]))
            .tap(each => expect(Object.hasOwn(each, name)).toBe(true))
        }
        frame
          .map(each => ({ ...each, more: 1 }))
          .drop('more')
          .toTopic(to)
        await driver.start(app, { rules })
        await driver.feed(from, [{ value: row }])
        const [read] = await driver.read(to)
        expect(Object.entries(read?.value ?? {}).sort()).toEqual(Object.entries(row).sort())
        await driver.stop()
      }
    }
  })

  test.each(NAMES)('group windows: %j', async name => {
    const One = schema(Object.fromEntries([[name, t.string().nullable()]]))
    const rows = ['x', null, 'x', 'y'].map(value => Object.fromEntries([[name, value]]))
    const [totals] = await written(
      rows,
      app => app.topic('rows', { value: json(One) }) as never,
      (frame: StreamingDataFrame) => [
        frame
          .groupBy(name)
          .window(tumbling('1m'))
          .agg(() => Object.fromEntries([[`${name}!`, count()]]))
          .final(),
      ],
    )
    const cells = (totals ?? []).map(total => [
      Object.getOwnPropertyDescriptor(total, name)?.value,
      total[`${name}!`],
    ])
    expect(cells.sort()).toEqual(
      [
        [null, 1],
        ['x', 2],
        ['y', 1],
      ].sort(),
    )
  })
})

describe('outputs', () => {
  test('print shows rows, and sinks and topics give the frame back', () => {
    const frame = sales()
    const list = listSink()
    expect(frame.sink(list)).toBe(frame)
    expect(frame.print()).toBe(frame)
  })

  test('keys: passed on, by withKey, by the group, by a key column', async () => {
    const driver = new TestDriver()
    const app = new Application({ id: 'keys', ...driver.options })
    const rows = app.topic('rows', { key: string(), value: json(Sale) })
    const passed = app.topic('passed', { key: string() })
    const changed = app.topic('changed', { key: integer() })
    const column = app.topic('column', { key: integer(), keyColumn: 'n' })
    const grouped = app.topic('grouped', { key: string() })
    const frame = app.dataframe(rows)
    frame.toTopic(passed)
    frame.withKey('n').toTopic(changed)
    frame.toTopic(column as never)
    frame
      .groupBy('shop')
      .window(tumbling('1s'))
      .agg(() => ({ rows: count() }))
      .final()
      .toTopic(grouped)
    await driver.feed(rows, [{ key: 'k', value: SALES[0] as never, timestamp: 0 }])
    await driver.start(app, { until: 'end', flush: true })
    const keys = async (topic: typeof passed) => (await driver.read(topic)).map(({ key }) => key)
    expect(await keys(passed)).toEqual(['k'])
    expect(await keys(changed)).toEqual([1])
    expect(await keys(column as never)).toEqual([1])
    expect(await keys(grouped)).toEqual(['a'])
    expect(() => frame.toTopic(changed)).toThrow('topic "changed" writes keys as integer')
  })

  test('withTimestamp and withHeaders change what is written', async () => {
    const driver = new TestDriver()
    const app = new Application({ id: 'written', ...driver.options })
    const rows = app.topic('rows', { value: json(Sale) })
    const out = app.topic('out')
    app
      .dataframe(rows)
      .withTimestamp(c => c.n.mul(1000))
      .withHeaders((row, headers) => [...headers, { name: 'shop', value: Buffer.from(row.shop) }])
      .withHeaders((_, headers) => ({ count: `${headers.length}` }))
      .toTopic(out)
    await driver.start(app)
    await driver.feed(rows, [{ value: SALES[2] as never, timestamp: 77, headers: { a: 'b' } }])
    const [read] = await driver.read(out)
    expect(read?.timestamp).toBe(4000)
    expect(read?.headers).toEqual([{ name: 'count', value: Buffer.from('2') }])
    await driver.stop()
  })
})
