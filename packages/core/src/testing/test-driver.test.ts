import { describe, expect, test } from 'vitest'
import { count, sum } from '../aggregate/index.ts'
import { Application } from '../api/application.ts'
import { skip } from '../record/error-policy.ts'
import { t } from '../schema/data-type.ts'
import { schema } from '../schema/schema.ts'
import { json } from '../serde/json.ts'
import { integer, string } from '../serde/scalars.ts'
import { tumbling } from '../window/window.ts'
import { TestDriver } from './test-driver.ts'

const Sale = schema({ shop: t.string(), n: t.int32() })
const Total = schema({ shop: t.string(), n: t.int64({ as: 'number' }) })

function shop(driver: TestDriver, id = 'shop') {
  const app = new Application({ id, ...driver.options })
  const sales = app.topic('sales', { key: string(), value: json(Sale), idle: '1s' })
  const totals = app.topic('totals', { key: string() })
  app
    .dataframe(sales)
    .groupBy('shop')
    .window(tumbling('10s'), { name: 'per-shop' })
    .agg(c => ({ n: sum(c.n), sales: count() }))
    .final()
    .toTopic(totals)
  return { app, sales, totals }
}

describe('a windowed pipeline', () => {
  test('gives its windows when time has passed', async () => {
    const driver = new TestDriver({ partitions: 4 })
    const { app, sales, totals } = shop(driver)
    await driver.start(app)
    await driver.feed(sales, [
      { key: 'k', value: { shop: 'a', n: 2 }, timestamp: 1_000 },
      { key: 'k', value: { shop: 'b', n: 5 }, timestamp: 2_000 },
      { key: 'k', value: { shop: 'a', n: 3 }, timestamp: 3_000 },
    ])
    expect(await driver.read(totals)).toEqual([])
    await driver.advance('30s')
    const windows = { window_start: 0, window_end: 10_000 }
    const read = await driver.read(totals)
    expect(read.map(({ key, value, timestamp }) => ({ key, value, timestamp }))).toEqual(
      expect.arrayContaining([
        { key: 'a', value: { shop: 'a', ...windows, n: 5, sales: 2 }, timestamp: 3_000 },
        { key: 'b', value: { shop: 'b', ...windows, n: 5, sales: 1 }, timestamp: 2_000 },
      ]),
    )
    expect(read).toHaveLength(2)
    expect(await driver.read(totals)).toEqual([])
    await driver.stop()
    expect(app.status().state).toBe('stopped')
  })

  test('shows the windows that are open, once they are computed', async () => {
    const driver = new TestDriver()
    const { app, sales } = shop(driver)
    await driver.start(app)
    await driver.feed(sales, [
      { value: { shop: 'b', n: 1 }, timestamp: 11_000 },
      { value: { shop: 'b', n: 2 }, timestamp: 12_000 },
      { value: { shop: 'a', n: 4 }, timestamp: 12_000 },
    ])
    // What one task sends another is seen when its epoch has been committed.
    await driver.advance('1s')
    const window = { window_start: 10_000, window_end: 20_000 }
    expect(await driver.state('per-shop')).toEqual([
      { shop: 'a', ...window, n: 4, sales: 1 },
      { shop: 'b', ...window, n: 3, sales: 2 },
    ])
    expect(await driver.state()).toHaveLength(2)
    expect(await driver.state('another')).toEqual([])
    await driver.stop()
  })

  test('goes to the end of its input and closes its windows with until and flush', async () => {
    const driver = new TestDriver()
    const { app, sales, totals } = shop(driver)
    await driver.feed(sales, [{ value: { shop: 'a', n: 2 }, timestamp: 1_000 }])
    await driver.start(app, { until: 'end', flush: true })
    expect(app.status().state).toBe('stopped')
    expect(await driver.read(totals)).toMatchObject([{ value: { shop: 'a', n: 2 } }])
  })

  test('gives the same without the rules of the optimiser', async () => {
    const driver = new TestDriver()
    const { app, sales, totals } = shop(driver)
    await driver.start(app, { rules: false })
    await driver.feed(sales, [{ value: { shop: 'a', n: 2 }, timestamp: 1_000 }])
    await driver.advance('20s')
    expect(await driver.read(totals)).toMatchObject([{ value: { shop: 'a', n: 2 } }])
    await driver.stop()
  })

  test('takes part in groups: what one application leaves another takes over', async () => {
    const driver = new TestDriver({ partitions: 2 })
    const first = shop(driver)
    const second = shop(driver)
    await driver.start(first.app)
    await driver.start(second.app)
    const topics = (app: Application) => app.status().tasks.length
    expect([topics(first.app), topics(second.app)]).toEqual([2, 2])
    first.app.stop()
    await driver.advance('1s')
    expect([topics(first.app), topics(second.app)]).toEqual([0, 4])
    await driver.stop()
  })
})

describe('records', () => {
  test('pass with key, headers, timestamp and partition', async () => {
    const driver = new TestDriver({ partitions: 3 })
    const app = new Application({ id: 'copy', ...driver.options })
    const from = app.topic('from', { key: integer(), value: json(Sale) })
    const to = app.topic('to', { key: integer(), value: json(Sale), create: { partitions: 1 } })
    app.dataframe(from).toTopic(to)
    await driver.start(app)
    const value = { shop: 'a', n: 1 }
    await driver.feed(from, [{ key: 7, value, partition: 2, headers: { tenant: 'x' } }])
    await driver.feed(from, [{ key: 7, value: null, timestamp: 5, partition: 2 }])
    expect(driver.broker.read('from', 2)).toHaveLength(2)
    const place = { key: 7, partition: 0 }
    const headers = [{ name: 'tenant', value: Buffer.from('x') }]
    expect(await driver.read(to)).toEqual([
      { ...place, value, timestamp: Date.UTC(2026, 0, 1), offset: 0, headers },
      { ...place, value: null, timestamp: 5, offset: 1, headers: [] },
    ])
    await driver.stop()
  })

  test('without a partition go by their key as Kafka has it, without a key go round', async () => {
    const driver = new TestDriver({ partitions: 4 })
    const app = new Application({ id: 'app', ...driver.options })
    const keyed = app.topic('keyed', { key: string(), keyColumn: 'shop', value: json(Sale) })
    const loose = app.topic('loose', { value: json(Sale) })
    await driver.feed(
      keyed,
      ['a', 'b', 'c', 'd'].map(shop => ({ value: { shop, n: 1 } })),
    )
    const placed = (await driver.read(keyed)).map(({ key, partition }) => `${key} ${partition}`)
    expect(placed.sort()).toEqual(['a 0', 'b 0', 'c 2', 'd 1'])
    await driver.feed(loose, Array(4).fill({ value: { shop: 'a', n: 1 } }))
    expect((await driver.read(loose)).map(({ partition }) => partition)).toEqual([0, 1, 2, 3])
  })

  test('may be bytes that are no value of the topic', async () => {
    const driver = new TestDriver()
    const app = new Application({ id: 'app', ...driver.options, onError: skip() })
    const from = app.topic('from', { value: json(Sale) })
    const to = app.topic('to', { value: json(Sale) })
    app.dataframe(from).toTopic(to)
    await driver.start(app)
    await driver.feed(from, [{ value: Buffer.from('{"shop":') }, { value: { shop: 'ok', n: 1 } }])
    expect(await driver.read(to)).toMatchObject([{ value: { shop: 'ok' } }])
    expect(app.status().tasks[0]?.counters).toMatchObject({ records_skipped: 1, records_out: 1 })
    await expect(driver.read(from)).rejects.toMatchObject({
      code: 'DECODE_FAILED',
      place: { offset: 0 },
    })
    await driver.stop()
  })

  test('that do not fit are refused at the call, and none is fed', async () => {
    const driver = new TestDriver()
    const app = new Application({ id: 'app', ...driver.options })
    const from = app.topic('from', { value: json(Sale) })
    const wrong = { value: { shop: 'a', n: 1.5 } }
    await expect(driver.feed(from, [{ value: { shop: 'a', n: 1 } }, wrong])).rejects.toThrow(
      'column "n" expects a whole number of 32 bits, got 1.5',
    )
    await expect(driver.feed(from, [{ key: 5, value: null }])).rejects.toThrow('no key serde')
    expect(await driver.read(from)).toEqual([])
  })
})

describe('a failed run', () => {
  test('is told by the call during which it failed, once', async () => {
    const driver = new TestDriver()
    const { app, sales } = shop(driver)
    await driver.start(app)
    const bad = driver.feed(sales, [{ value: Buffer.from('no json') }])
    await expect(bad).rejects.toMatchObject({ code: 'DECODE_FAILED' })
    expect(app.status().state).toBe('stopped')
    await driver.stop()
  })

  test('of lost connections is retried by the clock, and given up in the end', async () => {
    const driver = new TestDriver()
    const { app, sales, totals } = shop(driver)
    await driver.start(app)
    await driver.advance('1s')
    driver.broker.breakConnections()
    await driver.advance('30s')
    driver.broker.heal()
    await driver.feed(sales, [{ value: { shop: 'a', n: 2 }, timestamp: 1_000 }])
    await driver.advance('20s')
    expect(await driver.read(totals)).toHaveLength(1)
    driver.broker.breakConnections()
    await expect(driver.advance('2m')).rejects.toMatchObject({ code: 'BROKER_UNREACHABLE' })
  })
})

test('windows of an hour pass in no time', { timeout: 60_000 }, async () => {
  const driver = new TestDriver()
  const app = new Application({ id: 'app', ...driver.options, commitInterval: '1m' })
  const sales = app.topic('sales', { value: json(Sale) })
  const totals = app.topic('totals', { value: json(Total) })
  app
    .dataframe(sales)
    .groupBy('shop')
    .window(tumbling('1h'))
    .agg(c => ({ n: sum(c.n) }))
    .final()
    .fillNull({ n: 0 })
    .toTopic(totals)
  await driver.start(app)
  await driver.feed(sales, [{ value: { shop: 'a', n: 2 }, timestamp: 0 }])
  await driver.advance('2h')
  expect(await driver.read(totals)).toMatchObject([{ value: { shop: 'a', n: 2 } }])
  await driver.stop()
})
