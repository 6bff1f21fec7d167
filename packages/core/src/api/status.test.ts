import { expect, test } from 'vitest'
import { count } from '../aggregate/index.ts'
import { CHECKPOINT_STEPS } from '../runtime/checkpoint-step.ts'
import { t } from '../schema/data-type.ts'
import { schema } from '../schema/schema.ts'
import { json } from '../serde/json.ts'
import { listSink } from '../sink/list-sink.ts'
import type { SinkDefinition } from '../sink/sink.ts'
import { TestDriver } from '../testing/test-driver.ts'
import { tumbling } from '../window/window.ts'
import { Application } from './application.ts'

test('an application that does not run has no tasks', () => {
  const status = new Application({ id: 'x' }).status()
  expect(status).toMatchObject({ state: 'stopped', epochs: 0, tasks: [], lastCommit: null })
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

test('tells what a task waits for', async () => {
  const driver = new TestDriver({ partitions: 1 })
  const app = new Application({ id: 'shop', ...driver.options })
  let waitsFor: string | null = null
  const away: SinkDefinition = {
    name: 'away',
    create: () => ({
      get waitsFor() {
        return waitsFor
      },
      open: async () => {},
      recover: async () => {},
      write: () => undefined,
      prepare: async () => null,
      commit: async () => {},
      abort: async () => {},
      close: async () => {},
    }),
  }
  const sales = app.topic('sales', { value: json(schema({ n: t.int32() })) })
  app.dataframe(sales).sink(away)
  await driver.start(app)
  expect(app.status().tasks[0]?.waitsFor).toBeNull()
  waitsFor = 'the server is away'
  expect(app.status().tasks[0]?.waitsFor).toBe('away#1: the server is away')
  await driver.stop()
})

test('tells how the last commit went, and what state takes and was restored', async () => {
  const driver = new TestDriver({ partitions: 1 })
  const options = { ...driver.options, commitInterval: '1s', stateBytesMax: 1_000_000 } as const
  const app = new Application({ id: 'shop', ...options })
  expect(await app.stateStats()).toBeNull()
  const sales = app.topic('sales', { value: json(schema({ user: t.string() })) })
  app
    .dataframe(sales)
    .groupBy('user')
    .window(tumbling('1h'), { name: 'visits' })
    .agg(() => ({ n: count() }))
    .final()
    .sink(listSink())
  await driver.start(app)
  const rows = Array.from({ length: 10 }, (_, i) => ({
    value: { user: `u${i}` },
    timestamp: 1_000,
  }))
  await driver.feed(sales, rows)
  await driver.advance('5s')
  const { lastCommit, restores, stateMemory } = app.status()
  expect(lastCommit?.epoch).toBeGreaterThan(0)
  expect(lastCommit?.ms).toBeGreaterThan(0)
  expect(Object.keys(lastCommit?.steps ?? {})).toEqual([...CHECKPOINT_STEPS])
  expect(restores).toMatchObject([
    { topic: 'shop.by-user-sales.changelog', partition: 0, offsetsLeft: 0 },
  ])
  expect(stateMemory).toMatchObject({ heldBytes: 0, evictions: 0 })
  expect(stateMemory?.usedBytes).toBeGreaterThan(10 * 'u1'.length)
  expect(stateMemory?.usedBytes).toBeLessThan(stateMemory?.bytesMax ?? 0)
  expect(await app.stateStats()).toMatchObject({ bytesOnDisk: 0 })
  expect((await app.stateStats())?.entriesWritten).toBeGreaterThanOrEqual(10)
  await driver.stop()
  expect(app.status().stateMemory).toBeNull()
})
