import { expect, test } from 'vitest'
import { count } from '../aggregate/index.ts'
import { Application } from '../api/application.ts'
import type { Topic } from '../api/topic.ts'
import { t } from '../schema/data-type.ts'
import { schema } from '../schema/schema.ts'
import { json } from '../serde/json.ts'
import { string } from '../serde/scalars.ts'
import { TestDriver } from '../testing/test-driver.ts'
import { watchCheckpoint } from '../testing/watch-checkpoint.ts'
import { tumbling } from '../window/window.ts'
import type { CheckpointStep } from './checkpoint-step.ts'

const Sale = schema({ shop: t.string(), n: t.int32() })

/** An application that passes sales on and counts them, whose commits can be held at a step. */
async function setUp(guarantee: 'at-least-once' | 'exactly-once', step: CheckpointStep) {
  const driver = new TestDriver()
  const app = new Application({ id: 'shop', guarantee, ...driver.options })
  const sales = app.topic('sales', { key: string(), keyColumn: 'shop', value: json(Sale) })
  const copy = app.topic('copy', { value: json(Sale) })
  const counts = app.topic('counts')
  const frame = app.dataframe(sales)
  frame.toTopic(copy)
  frame
    .window(tumbling('10s'), { name: 'counts' })
    .agg(() => ({ n: count() }))
    .final()
    .toTopic(counts)
  let release: () => void = () => {}
  let meanwhile: (() => Promise<void>) | null = null
  watchCheckpoint(app, async (name, moment) => {
    const act = meanwhile
    if (act === null || name !== step || moment !== 'before') return
    meanwhile = null
    await act()
  })
  const seen = async (topic: Topic): Promise<number[]> => {
    const records = driver.broker.read(topic.name)
    return records.map(({ value }) => JSON.parse(Buffer.from(value as Uint8Array).toString()).n)
  }
  return {
    driver,
    app,
    seen,
    copy,
    hold: () => {
      meanwhile = () =>
        new Promise<void>(resolve => {
          release = resolve
        })
    },
    /** Done once, in the step. */
    during: (act: () => Promise<void>) => {
      meanwhile = act
    },
    release: () => release(),
  }
}

const sale = (n: number) => ({
  key: Buffer.from('a'),
  value: Buffer.from(JSON.stringify({ shop: 'a', n })),
  timestamp: 1_000 + n,
  headers: [],
})

/** Lets everything run that can without time passing. */
async function turns(count = 50): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise(resolve => setImmediate(resolve))
}

test('records are taken in while an epoch is committed; what they give waits for it', async () => {
  const { driver, app, seen, copy, hold, release } = await setUp('exactly-once', 'commit')
  await driver.start(app)
  hold()
  driver.broker.append('sales', 0, [sale(1)])
  await driver.advance(100)
  const advancing = driver.advance('2s')
  await turns()
  driver.broker.append('sales', 0, [sale(2), sale(3)])
  await turns()
  expect(app.status().tasks[0]?.counters['records_in']).toBe(3)
  expect(await seen(copy)).toEqual([])
  release()
  await advancing
  expect(await seen(copy)).toEqual([1, 2, 3])
  await driver.stop()
})

test('outputs that are seen at once wait for the flush alone', async () => {
  const { driver, app, seen, copy, hold, release } = await setUp('at-least-once', 'commit')
  await driver.start(app)
  hold()
  driver.broker.append('sales', 0, [sale(1)])
  await driver.advance(100)
  const advancing = driver.advance('2s')
  await turns()
  driver.broker.append('sales', 0, [sale(2)])
  await turns()
  expect(await seen(copy)).toEqual([1, 2])
  release()
  await advancing
  await driver.stop()
  expect(await seen(copy)).toEqual([1, 2])
})

test('a commit that takes long to seal is followed by ten times as long without one', async () => {
  const { driver, app, during } = await setUp('at-least-once', 'changelog')
  await driver.start(app)
  const add = (n: number) => driver.broker.append('sales', 0, [sale(n)])
  const commitAt = () => app.status().lastCommit?.at as number
  add(1)
  await driver.advance('2s')
  during(() => driver.clock.advance(500))
  add(2)
  await driver.advance('2s')
  const slow = commitAt()
  add(3)
  await driver.advance('3s')
  expect(commitAt()).toBe(slow)
  await driver.advance('10s')
  const next = commitAt()
  expect(next - slow).toBeGreaterThan(5_000)
  add(4)
  await driver.advance('1s')
  expect(commitAt() - next).toBeLessThan(5_000)
  await driver.stop()
})
