import { expect, test } from 'vitest'
import { t } from '../schema/data-type.ts'
import { schema } from '../schema/schema.ts'
import { json } from '../serde/json.ts'
import { listSink } from '../sink/list-sink.ts'
import { TestDriver } from '../testing/test-driver.ts'
import { Application } from './application.ts'

test('an application that does not run has no tasks', () => {
  expect(new Application({ id: 'x' }).status()).toEqual({ state: 'stopped', epochs: 0, tasks: [] })
})

test('tells where each task is, and what it has done', async () => {
  const driver = new TestDriver({ partitions: 2 })
  const app = new Application({ id: 'shop', ...driver.options })
  const sales = app.topic('sales', { value: json(schema({ n: t.int32() })), disorder: '1s' })
  app
    .dataframe(sales)
    .where(c => c.n.gt(1))
    .sink(listSink())
  await driver.start(app)
  await driver.feed(sales, [
    { value: { n: 1 }, timestamp: 5_000, partition: 1 },
    { value: { n: 2 }, timestamp: 4_000, partition: 1 },
  ])
  await driver.advance('2s')
  const { state, epochs, tasks } = app.status()
  expect(state).toBe('running')
  expect(epochs).toBeGreaterThan(0)
  expect(tasks).toMatchObject([
    { id: '0/0', topic: 'sales', partition: 0, position: 0, watermark: null },
    { id: '0/1', topic: 'sales', partition: 1, position: 2, watermark: 4_000 },
  ])
  expect(tasks[1]?.counters).toMatchObject({ records_in: 2 })
  await driver.stop()
})
