import { describe, expect, test } from 'vitest'
import { count, sum } from '../../aggregate/index.ts'
import { Application } from '../../api/application.ts'
import type { StreamingDataFrame } from '../../api/streaming-data-frame.ts'
import { col } from '../../expr/col.ts'
import { t } from '../../schema/data-type.ts'
import { type RowOf, schema } from '../../schema/schema.ts'
import { json } from '../../serde/json.ts'
import { string } from '../../serde/scalars.ts'
import { listSink } from '../../sink/list-sink.ts'
import { TestDriver } from '../../testing/test-driver.ts'
import { tumbling } from '../../window/window.ts'

const Sale = schema({
  shop: t.string(),
  n: t.int32(),
  price: t.float64(),
  note: t.string().nullable(),
})
type Frame = StreamingDataFrame<RowOf<typeof Sale>>

function sales(): { app: Application; frame: Frame } {
  const app = new Application({ id: 'shop' })
  return { app, frame: app.dataframe(app.topic('sales', { value: json(Sale) })) }
}

/** The columns that the decoder builds, as `explain` says. */
function read(frame: StreamingDataFrame): string | undefined {
  return /reads (.*)/.exec(frame.explain())?.[1]
}

/** What goes over the internal topic. */
function sent(frame: StreamingDataFrame): string | undefined {
  return /rows (\{.*)/.exec(frame.explain())?.[1]
}

describe('a decoder builds what is looked at', () => {
  test('in conditions, projections, keys and times', () => {
    const { frame } = sales()
    expect(read(frame)).toBe('every column')
    expect(read(frame.select('note'))).toBe('note')
    expect(read(frame.where(c => c.n.gt(1)).select('note'))).toBe('n, note')
    expect(read(frame.withKey('shop').withTimestamp('n').select('note'))).toBe('shop, n, note')
    expect(read(frame.withColumns(c => ({ n: c.price.gt(1) })).select('n'))).toBe('price')
    expect(read(frame.drop('shop', 'n').drop('price'))).toBe('note')
    expect(read(frame.rename({ n: 'price', price: 'n' }).select('price'))).toBe('n')
    expect(read(frame.select(() => ({ one: 1 })))).toBe('no column')
  })

  test('what a function reads by name', () => {
    const { frame } = sales()
    expect(read(frame.filter(() => true).select('n'))).toBe('n')
    expect(read(frame.filter(row => row.price !== 1).select('n'))).toBe('n, price')
    expect(read(frame.tap(({ shop }) => void shop).select('n'))).toBe('shop, n')
    expect(read(frame.map(row => ({ twice: row.n * 2 })))).toBe('n')
    expect(read(frame.flatMap(row => [{ a: row.n }, { a: row.price }]))).toBe('n, price')
    expect(read(frame.filter(row => (row as never)['missing'] !== 1).select('n'))).toBe('n')
  })

  test('everything for a function that may look at anything', () => {
    const { frame } = sales()
    expect(read(frame.filter(row => Object.keys(row).length > 0).select('n'))).toBe('every column')
    expect(read(frame.map(row => row).select('n'))).toBe('every column')
    expect(read(frame.tap(row => void { ...row }).select('n'))).toBe('every column')
    expect(read(frame.select('n', 'shop').map(row => row))).toBe('shop, n')
  })

  test('a computed column that nobody reads counts only where a record may fail in it', () => {
    const { frame } = sales()
    const half = frame.withColumns(c => ({ half: c.price.div(2) }))
    expect(read(half.select('shop'))).toBe('shop')
    const next = frame.withColumns(c => ({ next: c.n.add(1) }))
    expect(read(next.select('shop'))).toBe('shop, n')
  })

  test('undeclared columns of open rows by name', () => {
    const { app } = sales()
    const open = app.dataframe(app.topic('open'))
    expect(read(open.where(col('b').isNotNull()).select(() => ({ a: col('a') })))).toBe('a, b')
    expect(read(open.drop('b').select(() => ({ a: col('a') })))).toBe('a')
    expect(read(open.drop('b'))).toBe('every column')
  })

  test('for every frame that stands on it', () => {
    const { app, frame } = sales()
    frame.select('shop').sink(listSink())
    frame.select('price').sink(listSink())
    expect(app.explain()).toContain('reads shop, price\n')
    frame.sink(listSink())
    expect(app.explain()).toContain('reads every column\n')
  })
})

describe('an internal topic carries what is read behind it', () => {
  const windows = (frame: Frame) =>
    frame
      .where(c => c.note.isNotNull())
      .groupBy('shop')
      .window(tumbling('1s'))
      .agg(c => ({ rows: count(), total: sum(c.price) }))

  test('the group and the inputs of the aggregates', () => {
    const { frame } = sales()
    expect(read(windows(frame).final())).toBe('shop, price, note')
    expect(sent(windows(frame).final())).toBe('{shop: string, price: float64}')
  })

  test('late records as they are wanted', () => {
    const { frame } = sales()
    expect(sent(windows(frame).late().select('n'))).toBe('{shop: string, n: int32, price: float64}')
    expect(sent(windows(frame).late())).toBe(
      '{shop: string, n: int32, price: float64, note: string?}',
    )
  })
})

test('a branch that reads less does not take from one that reads more', async () => {
  for (const rules of [true, false]) {
    const driver = new TestDriver()
    const app = new Application({ id: 'shop', ...driver.options })
    const topic = app.topic('sales', { key: string(), keyColumn: 'shop', value: json(Sale) })
    const frame = app.dataframe(topic)
    const shared = frame.withColumns(c => ({ double: c.n.mul(2), long: c.shop.length() }))
    const lists = [listSink(), listSink(), listSink()] as const
    shared.select('double').sink(lists[0])
    shared
      .groupBy('shop')
      .window(tumbling('1s'))
      .agg(c => ({ long: sum(c.long) }))
      .final()
      .select('long')
      .sink(lists[1])
    shared.drop('note').sink(lists[2])
    const row = { shop: 'abc', n: 1, price: 2, note: null }
    await driver.feed(topic, [{ value: row, timestamp: 0 }])
    await driver.start(app, { until: 'end', flush: true, rules })
    expect(lists.map(({ rows }) => rows)).toEqual([
      [{ double: 2 }],
      [{ long: 3 }],
      [{ shop: 'abc', n: 1, price: 2, double: 2, long: 3 }],
    ])
  }
})

test('whether a record is valid does not depend on the columns read', async () => {
  for (const rules of [true, false]) {
    const driver = new TestDriver()
    const app = new Application({ id: 'shop', ...driver.options })
    const topic = app.topic('sales', { value: json(Sale) })
    app.dataframe(topic).select('shop').sink(listSink())
    const bytes = Buffer.from('{"shop":"a","n":"not a number","price":1,"note":null}')
    await driver.feed(topic, [{ value: bytes }])
    await expect(driver.start(app, { rules })).rejects.toThrow('DECODE_FAILED')
  }
})
