/**
 * Two plans under one application id at the same time: a deploy that is rolled out process by
 * process, or two applications that were given one id by mistake. What fits together goes on; what
 * does not stops the one that came later, and the other keeps everything.
 */
import { expect, test } from 'vitest'
import { count, sum } from '../aggregate/index.ts'
import { Application } from '../api/application.ts'
import type { StreamingDataFrame } from '../api/streaming-data-frame.ts'
import type { Topic } from '../api/topic.ts'
import { t } from '../schema/data-type.ts'
import { schema } from '../schema/schema.ts'
import { json } from '../serde/json.ts'
import { string } from '../serde/scalars.ts'
import { tumbling } from '../window/window.ts'
import { TestDriver } from './test-driver.ts'

const Sale = schema({ shop: t.string(), n: t.int32() })
type Sales = StreamingDataFrame<{ shop: string; n: number }>

const totals = (sales: Sales, size = '10s') =>
  sales
    .window(tumbling(size as '10s'), { name: 'totals' })
    .agg(c => ({ n: sum(c.n), sales: count() }))
    .final()

function setUp() {
  const told: string[] = []
  const info = (_: object, message: string): void => void told.push(message)
  const log = { debug() {}, info, warn() {}, error() {} }
  const driver = new TestDriver({ partitions: 2, log })
  const open = (build: (sales: Sales) => { toTopic(topic: Topic): void }, topic = 'sales') => {
    const app = new Application({ id: 'shop', ...driver.options })
    const sales = app.topic(topic, { key: string(), keyColumn: 'shop', value: json(Sale) })
    const out = app.topic('out', { create: { partitions: 1 } })
    build(app.dataframe(sales)).toTopic(out)
    return { app, sales, out }
  }
  const owned = () => [...driver.broker.assignment('shop').values()].map(each => each.length)
  return { driver, open, owned, told }
}

/** One sale per partition. */
const sale = (n: number, timestamp: number) =>
  [0, 1].map(partition => ({ value: { shop: `s${partition}`, n }, timestamp, partition }))

const sums = (records: readonly { readonly value: unknown }[]) =>
  records.map(({ value }) => (value as { n: number }).n).sort()

test('plans that fit share the work and the state, and the later one is told', async () => {
  const { driver, open, owned, told } = setUp()
  const first = open(totals)
  await driver.start(first.app)
  await driver.feed(first.sales, sale(1, 1_000))
  await driver.advance('2s')
  const second = open(sales => totals(sales.where(c => c.n.gt(0)) as Sales))
  await driver.start(second.app)
  await driver.advance('2s')
  expect(owned()).toEqual([1, 1])
  expect(told).toContain('another plan of this application id has committed before')
  await driver.feed(first.sales, sale(2, 2_000))
  await driver.advance('1m')
  await driver.stop()
  expect(sums(await driver.read(first.out))).toEqual([3, 3])
})

test('a plan that does not fit stops where it came later, and the first keeps everything', async () => {
  const { driver, open, owned } = setUp()
  const first = open(totals)
  await driver.start(first.app)
  await driver.feed(first.sales, sale(1, 1_000))
  await driver.advance('2s')
  const second = open(sales => totals(sales, '20s'))
  const starting = driver.start(second.app).then(() => driver.advance('2s'))
  await expect(starting).rejects.toMatchObject({ code: 'PLAN_CHANGED' })
  await driver.advance('1s')
  expect(owned()).toEqual([2])
  await driver.feed(first.sales, sale(2, 2_000))
  await driver.advance('1m')
  await driver.stop()
  expect(sums(await driver.read(first.out))).toEqual([3, 3])
})

test('plans of different topics are two halves of one application', async () => {
  const { driver, open } = setUp()
  const first = open(totals)
  const second = open(totals, 'orders')
  await driver.start(first.app)
  await driver.start(second.app)
  await driver.feed(first.sales, sale(1, 1_000))
  await driver.feed(second.sales, sale(5, 1_000))
  await driver.advance('1m')
  await driver.stop()
  expect(sums(await driver.read(first.out))).toEqual([1, 1, 5, 5])
})
