/** Results of windows as they change: what comes at commits, at closing, and after crashes. */
import { describe, expect, test } from 'vitest'
import { count, sum } from '../aggregate/index.ts'
import { Application } from '../api/application.ts'
import type { ApplicationOptions } from '../api/application-options.ts'
import type { UpdatesOptions } from '../api/grouped-frame.ts'
import type { Topic } from '../api/topic.ts'
import { t } from '../schema/data-type.ts'
import { schema } from '../schema/schema.ts'
import { json } from '../serde/json.ts'
import { string } from '../serde/scalars.ts'
import { tumbling } from '../window/window.ts'
import { SimulatedDisk } from './simulation/simulated-disk.ts'
import { TestDriver } from './test-driver.ts'

const Sale = schema({ shop: t.string(), n: t.int32() })

function totals(
  driver: TestDriver,
  updates: UpdatesOptions,
  options: Partial<ApplicationOptions> = {},
) {
  const app = new Application({ id: 'totals', ...driver.options, ...options })
  const sales = app.topic('sales', { key: string(), keyColumn: 'shop', value: json(Sale) })
  const [changes, finals, lates] = ['changes', 'finals', 'lates'].map(name =>
    app.topic(name, { create: { partitions: 1 } }),
  )
  const windows = app
    .dataframe(sales)
    .groupBy('shop')
    .window(tumbling('10s'), { name: 'totals' })
    .agg(c => ({ sales: count(), total: sum(c.n) }))
  windows.updates(updates).toTopic(changes as never)
  windows.final().toTopic(finals as never)
  windows.late().toTopic(lates as never)
  const told = async (topic: unknown): Promise<Result[]> =>
    (await driver.read(topic as Topic<Result>)).map(({ value }) => value as Result)
  return {
    app,
    sales,
    changes: () => told(changes),
    finals: () => told(finals),
    lates: () => told(lates),
  }
}

interface Result {
  readonly shop: string
  readonly window_start: number
}

const sale = (shop: string, n: number, timestamp: number) => ({ value: { shop, n }, timestamp })
const row = (shop: string, start: number, sales: number, total: number) => ({
  shop,
  window_start: start,
  window_end: start + 10_000,
  sales,
  total,
})

describe('updates', () => {
  test('give each changed window once a commit, and the last value when it closes', async () => {
    const driver = new TestDriver()
    const { app, sales, changes, finals, lates } = totals(driver, {})
    await driver.start(app)
    await driver.feed(sales, [sale('b', 1, 1_000), sale('a', 2, 2_000), sale('a', 3, 3_000)])
    expect(await changes()).toEqual([])
    await driver.advance('1s')
    expect(await changes()).toEqual([row('a', 0, 2, 5), row('b', 0, 1, 1)])
    await driver.advance('1s')
    expect(await changes()).toEqual([])
    await driver.feed(sales, [sale('a', 4, 4_000), sale('b', 5, 12_000), sale('b', 9, 500)])
    // The window that has closed tells of what changed in it, at once.
    await driver.advance('1s')
    expect(await changes()).toEqual([row('a', 0, 3, 9), row('b', 10_000, 1, 5)])
    expect(await finals()).toEqual([row('a', 0, 3, 9), row('b', 0, 1, 1)])
    expect(await lates()).toEqual([{ shop: 'b', n: 9 }])
    await driver.advance('30s')
    expect(await changes()).toEqual([])
    expect(await finals()).toEqual([row('b', 10_000, 1, 5)])
    await driver.stop()
  })

  test('come as often as they are asked for, also when nothing else happens', async () => {
    const driver = new TestDriver()
    const { app, sales, changes } = totals(driver, { every: '5s' })
    await driver.start(app)
    await driver.feed(sales, [sale('a', 1, 1_000)])
    await driver.advance('1s')
    expect(await changes()).toEqual([row('a', 0, 1, 1)])
    await driver.feed(sales, [sale('a', 2, 2_000)])
    await driver.advance('3s')
    await driver.feed(sales, [sale('a', 3, 3_000)])
    await driver.advance('1900ms')
    expect(await changes()).toEqual([])
    await driver.advance('1s')
    expect(await changes()).toEqual([row('a', 0, 3, 6)])
    await driver.stop()
  })

  test.each([
    ['at-least-once', {}],
    ['exactly-once', {}],
    ['at-least-once', { every: '3s' }],
    ['exactly-once', { every: '3s' }],
  ] as const)('end with what is final, whatever happens, %s %o', async (guarantee, updates) => {
    const driver = new TestDriver()
    const disk = new SimulatedDisk()
    const started = () => totals(driver, updates, { guarantee, state: disk.at('a') })
    const last = new Map<string, object>()
    const final = new Map<string, object>()
    let at = started()
    const look = async () => {
      for (const each of await at.changes()) last.set(`${each.shop} ${each.window_start}`, each)
      for (const each of await at.finals()) final.set(`${each.shop} ${each.window_start}`, each)
    }
    await driver.start(at.app)
    for (let i = 0; i < 60; i++) {
      await driver.feed(at.sales, [sale(`s${(i * 5) % 3}`, i, i * 900), sale('s0', 1, i * 900)])
      await driver.advance(i % 4 === 0 ? '1s' : '300ms')
      if (i % 7 === 3) {
        const { app } = at
        const crash = () => {
          if (driver.clientOf(app) !== null) driver.crash(app)
        }
        driver.broker.faults[i % 2 === 0 ? 'before' : 'after']('end-commit', crash)
        await driver.advance('1s')
        crash()
        at = started()
        await driver.start(at.app)
        await driver.advance('2s')
      }
      await look()
    }
    await driver.advance('60s')
    await look()
    await driver.stop()
    expect(final.size).toBe(18)
    expect(last).toEqual(final)
  })

  test('begin with what is open when final windows become ones with updates', async () => {
    const driver = new TestDriver()
    const disk = new SimulatedDisk()
    const before = new Application({ id: 'totals', ...driver.options, state: disk.at('a') })
    const input = before.topic('sales', { key: string(), keyColumn: 'shop', value: json(Sale) })
    before
      .dataframe(input)
      .groupBy('shop')
      .window(tumbling('10s'), { name: 'totals' })
      .agg(c => ({ sales: count(), total: sum(c.n) }))
      .final()
      .toTopic(before.topic('finals', { create: { partitions: 1 } }))
    await driver.start(before)
    await driver.feed(input, [sale('a', 1, 1_000), sale('b', 2, 2_000)])
    await driver.advance('1s')
    await driver.stop()
    const { app, sales, changes } = totals(driver, {}, { state: disk.at('a') })
    await driver.start(app)
    await driver.feed(sales, [sale('a', 3, 3_000)])
    await driver.advance('1s')
    expect(await changes()).toEqual([row('a', 0, 2, 4)])
    await driver.feed(sales, [sale('a', 1, 15_000)])
    expect(await changes()).toEqual([row('b', 0, 1, 2)])
    await driver.stop()
  })

  test('of one frame at different times are refused', async () => {
    const driver = new TestDriver()
    const app = new Application({ id: 'twice', ...driver.options })
    const sales = app.topic('sales', { key: string(), keyColumn: 'shop', value: json(Sale) })
    const windows = app
      .dataframe(sales)
      .window(tumbling('10s'))
      .agg(() => ({ sales: count() }))
    windows.updates().print()
    windows.updates({ every: '5s' }).print()
    await expect(app.run()).rejects.toThrow('give updates at different times')
  })
})
