/**
 * Windows so large that closing them takes longer than an epoch: each result takes a millisecond
 * here. Epochs end in between, and a process that dies there leaves no result out and gives none
 * twice.
 */
import { expect, test } from 'vitest'
import { count } from '../aggregate/index.ts'
import { Application } from '../api/application.ts'
import type { Topic } from '../api/topic.ts'
import type { CheckpointStep } from '../runtime/checkpoint-step.ts'
import { t } from '../schema/data-type.ts'
import { schema } from '../schema/schema.ts'
import { json } from '../serde/json.ts'
import { string } from '../serde/scalars.ts'
import { tumbling } from '../window/window.ts'
import { SimulatedDisk } from './simulation/simulated-disk.ts'
import { TestDriver } from './test-driver.ts'
import { watchCheckpoint } from './watch-checkpoint.ts'

const USERS = 16_000
const Visit = schema({ user: t.string(), page: t.int32() })
type Visits = Topic<{ user: string; page: number }>

const BY_KEY = { by: 'key' as const }
const BY_TOPIC = { by: 'repartition' as const }
const IN_MEMORY = { stateBytesMax: 1 << 30 }
const ON_DISK = { stateBytesMax: 1 }

interface Shape {
  readonly by: 'key' | 'repartition'
  readonly stateBytesMax: number
}

function counting(driver: TestDriver, disk: SimulatedDisk, { by, stateBytesMax }: Shape) {
  let spentMs = 0
  const clock = {
    now: () => driver.clock.now() + spentMs,
    sleep: (ms: number, signal?: AbortSignal) => driver.clock.sleep(ms, signal),
  }
  const app = new Application({
    id: 'visits',
    ...driver.options,
    clock,
    state: disk.at('a'),
    stateBytesMax,
    guarantee: 'exactly-once',
  })
  const key = by === 'key' ? { key: string(), keyColumn: 'user' as const } : {}
  const visits: Visits = app.topic('visits', { ...key, value: json(Visit) })
  const counts = app.topic('counts')
  app
    .dataframe(visits)
    .groupBy('user')
    .window(tumbling('10s'))
    .agg(() => ({ n: count() }))
    .final()
    .tap(() => {
      spentMs++
    })
    .toTopic(counts)
  return { app, visits, counts }
}

async function feedAll(driver: TestDriver, visits: Visits): Promise<void> {
  const users = Array.from({ length: USERS }, (_, i) => `user-${i}`)
  const at = (user: string, timestamp: number) => ({ value: { user, page: 1 }, timestamp })
  await driver.feed(
    visits,
    users.map(user => at(user, 1_000)),
  )
  // Everything of the first window is due, and more follows at once.
  await driver.feed(visits, [at('user-7', 12_000), at('user-8', 13_000), at('user-7', 1_500)])
  await driver.advance('5s')
}

function resultsOf(rows: readonly { readonly value: unknown }[]) {
  return rows
    .map(({ value }) => value as { user: string; window_start: number; n: number })
    .map(({ user, window_start, n }) => `${window_start} ${user} ${n}`)
}

/** What is wrong with the results of the first window: nothing, or the first few. */
function faults(results: readonly string[]): string[] {
  const missing = new Set(Array.from({ length: USERS }, (_, i) => `0 user-${i} 1`))
  const others = results.filter(text => text.startsWith('0 ') && !missing.delete(text))
  const told = [...missing].map(text => `missing: ${text}`)
  return [...told, ...others.map(text => `unexpected: ${text}`)].slice(0, 5)
}

test.each([
  { ...BY_KEY, ...IN_MEMORY },
  { ...BY_KEY, ...ON_DISK },
  { ...BY_TOPIC, ...IN_MEMORY },
  { ...BY_TOPIC, ...ON_DISK },
])('are closed in several epochs: $by, $stateBytesMax bytes', async shape => {
  const driver = new TestDriver()
  const { app, visits, counts } = counting(driver, new SimulatedDisk(), shape)
  const given = new Set<number>()
  watchCheckpoint(app, (step, moment) => {
    if (step === 'commit' && moment === 'after') given.add(driver.broker.read('counts').length)
  })
  await driver.start(app)
  await feedAll(driver, visits)
  expect([...given].some(rows => rows > 0 && rows < USERS)).toBe(true)
  await driver.stop()
  expect(faults(resultsOf(await driver.read(counts)))).toEqual([])
})

const CRASHES: readonly (readonly [CheckpointStep, 'before' | 'after'])[] = [
  ['flush', 'before'],
  ['commit', 'before'],
  ['commit', 'after'],
  ['keep', 'after'],
]

test.each(
  CRASHES.flatMap(([step, moment]) =>
    [IN_MEMORY, ON_DISK].map(memory => ({ step, moment, ...BY_KEY, ...memory })),
  ),
)('are closed once by a process that dies $moment $step, $stateBytesMax bytes', async crash => {
  const driver = new TestDriver()
  const disk = new SimulatedDisk()
  const { app, visits } = counting(driver, disk, crash)
  let isDead = false
  watchCheckpoint(app, (step, moment) => {
    const isAmid = driver.broker.read('counts').length > 0
    if (isDead || !isAmid || step !== crash.step || moment !== crash.moment) return
    isDead = true
    driver.crash(app)
    return new Promise<void>(() => {})
  })
  await driver.start(app)
  await feedAll(driver, visits)
  expect(isDead).toBe(true)
  const before = driver.broker.read('counts').length
  const next = counting(driver, disk, crash)
  await driver.start(next.app)
  await driver.advance('20s')
  await driver.stop()
  expect(before).toBeLessThan(USERS)
  expect(faults(resultsOf(await driver.read(next.counts)))).toEqual([])
})
