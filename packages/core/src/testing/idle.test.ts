import { describe, expect, test } from 'vitest'
import { count, sum } from '../aggregate/index.ts'
import { Application } from '../api/application.ts'
import type { Topic } from '../api/topic.ts'
import { t } from '../schema/data-type.ts'
import { schema } from '../schema/schema.ts'
import { json } from '../serde/json.ts'
import { string } from '../serde/scalars.ts'
import { tumbling } from '../window/window.ts'
import type { RecordToFeed } from './driver-topic.ts'
import { TestDriver } from './test-driver.ts'

const Row = schema({ k: t.string(), n: t.int32() })
const Counted = schema({ k: t.string(), window_end: t.timestamp(), n: t.int64({ as: 'number' }) })

const IDLE = 5_000
const COMMIT = 1_000
const DISORDER = 300
const GRACE = 700
const SIZE = 2_000

type Way = 'repartition' | 'key'
const WAYS: readonly Way[] = ['repartition', 'key']

/** Counts per `k` in windows of two seconds, through an internal topic or where the records are. */
function counts(
  way: Way,
  options: { readonly disorder?: number; readonly idle?: number; readonly commit?: number } = {},
) {
  const { disorder = DISORDER, idle = IDLE, commit = COMMIT } = options
  const driver = new TestDriver({ partitions: 4 })
  const app = new Application({ id: 'counts', ...driver.options, commitInterval: commit })
  const keyed = way === 'key' ? { key: string(), keyColumn: 'k' } : {}
  const input = app.topic('input', { ...keyed, value: json(Row), disorder, idle })
  const output = app.topic('output', { key: string(), value: json(Counted) })
  const late = app.topic('late', { value: json(Row) })
  const windows = app
    .dataframe(input)
    .groupBy('k')
    .window(tumbling(SIZE, { grace: GRACE }))
    .agg(() => ({ n: count() }))
  windows
    .final()
    .withColumns(c => ({ n: c.n.as(t.int64({ as: 'number' })) }))
    .toTopic(output)
  windows.late().toTopic(late)
  return { driver, app, input: input as Topic, output, late }
}

const at = (partition: number, k: string, timestamp: number): RecordToFeed => ({
  // In a keyed topic the key decides where a record belongs; here partitions are chosen by hand.
  key: k,
  value: { k, n: 1 },
  timestamp,
  partition,
})

/** `k n @ window end`, sorted. */
const shown = (records: readonly { readonly value: unknown }[]): string[] =>
  records
    .map(({ value }) => value as { k: string; window_end: number; n: number })
    .map(({ k, window_end, n }) => `${k} ${n} @ ${window_end}`)
    .sort()

describe.each(WAYS)('by %s', way => {
  test('explains itself as expected', () => {
    const { app } = counts(way)
    expect(app.explain().includes('internal topic')).toBe(way === 'repartition')
  })

  test('every window comes out in time when a topic falls silent', async () => {
    const { driver, app, input, output } = counts(way)
    await driver.start(app)
    // Ten records in partitions 0 and 2; 1 and 3 stay empty.
    const times = [100, 900, 2_100, 4_000, 6_500]
    await driver.feed(input, [
      ...times.map(time => at(0, 'a', time)),
      ...times.map(time => at(2, 'b', time + 10)),
    ])
    const fellSilentAt = driver.clock.now()
    const came = new Map<string, number>()
    const greatest = { a: 6_500, b: 6_510 }
    for (let step = 0; step < 300; step++) {
      await driver.advance('50ms')
      for (const each of shown(await driver.read(output))) {
        came.set(each, driver.clock.now() - fellSilentAt)
      }
    }
    expect([...came.keys()].sort()).toEqual(
      ['a', 'b']
        .flatMap(k => [`${k} 2 @ 2000`, `${k} 1 @ 4000`, `${k} 1 @ 6000`, `${k} 1 @ 8000`])
        .sort(),
    )
    for (const [window, after] of came) {
      const end = Number(window.split('@ ')[1])
      const newest = greatest[window[0] as 'a' | 'b']
      const due = end + GRACE + DISORDER - newest
      // The empty partitions hold time back until they are known to be idle.
      const bound = IDLE + Math.max(0, due) + 2 * COMMIT
      expect(after, window).toBeLessThanOrEqual(bound)
    }
    expect(await driver.state()).toEqual([])
    await driver.stop()
  })

  test('the last window does not come before the silence has lasted', async () => {
    const { driver, app, input, output } = counts(way)
    await driver.start(app)
    await driver.feed(input, [at(0, 'a', 6_500)])
    // Due at 8000 + 700 + 300 - 6500 = 2500 ms of silence beyond idle.
    await driver.advance(IDLE + 2_400)
    expect(await driver.read(output)).toEqual([])
    await driver.advance(100 + 2 * COMMIT)
    expect(shown(await driver.read(output))).toEqual(['a 1 @ 8000'])
    await driver.stop()
  })

  test('nothing closes while a transaction is open on the input', async () => {
    const { driver, app, input, output } = counts(way)
    await driver.start(app)
    await driver.feed(input, [at(0, 'a', 1_000), at(2, 'b', 1_000)])
    const release = driver.holdTransaction(input, 0)
    await driver.feed(input, [at(0, 'a', 1_100)])
    await driver.advance('2m')
    const early = shown(await driver.read(output))
    // Partition 2 is silent and stands alone where no internal topic joins it with partition 0.
    expect(early).toEqual(way === 'key' ? ['b 1 @ 2000'] : [])
    await release()
    await driver.advance(IDLE + 10_000)
    expect(shown(await driver.read(output))).toEqual(
      way === 'key' ? ['a 2 @ 2000'] : ['a 2 @ 2000', 'b 1 @ 2000'],
    )
    await driver.stop()
  })

  test('a partition that speaks again goes on, and what it brings late is not lost', async () => {
    const { driver, app, input, output, late } = counts(way)
    await driver.start(app)
    await driver.feed(input, [at(0, 'a', 1_000)])
    await driver.advance('1m')
    expect(shown(await driver.read(output))).toEqual(['a 1 @ 2000'])
    await driver.feed(input, [at(0, 'a', 1_500), at(0, 'a', 2_500)])
    await driver.advance('1m')
    expect(shown(await driver.read(output))).toEqual(['a 1 @ 4000'])
    expect(await driver.read(late)).toMatchObject([{ timestamp: 1_500, value: { k: 'a' } }])
    await driver.feed(input, [at(0, 'a', 2_600)])
    await driver.advance('1m')
    expect(await driver.read(late)).toMatchObject([{ timestamp: 2_600 }])
    await driver.stop()
  })

  test('silence counts from the last word, also of one that moves no time', async () => {
    const { driver, app, input, output } = counts(way)
    await driver.start(app)
    await driver.feed(input, [at(0, 'a', 5_900)])
    // Idle, and no window is open: upstream tasks have said so.
    await driver.advance('1m')
    expect(shown(await driver.read(output))).toEqual(['a 1 @ 6000'])
    await driver.feed(input, [at(0, 'a', 12_100)])
    await driver.advance(IDLE + 400)
    // Neither moves the watermark (12100 - 300); both are in a window that is open.
    await driver.feed(input, [at(0, 'a', 12_050)])
    await driver.advance('1m')
    expect(shown(await driver.read(output))).toEqual(['a 2 @ 14000'])
    await driver.stop()
  })

  test('silence shorter than an epoch is told all the same', async () => {
    const { driver, app, input, output } = counts(way, { idle: 500, commit: 60_000 })
    await driver.start(app)
    await driver.feed(input, [at(0, 'a', 12_100)])
    await driver.advance('600ms')
    // Idle was said. This moves no time and is idle again before the epoch is over.
    await driver.feed(input, [at(0, 'a', 12_050)])
    await driver.advance('1m')
    expect(shown(await driver.read(output))).toEqual(['a 2 @ 14000'])
    await driver.stop()
  })

  test('an empty topic and one of tombstones close nothing and rest', async () => {
    const { driver, app, input, output } = counts(way)
    await driver.start(app)
    await driver.advance('1m')
    await driver.feed(input, [{ key: 'a', value: null, timestamp: 50_000, partition: 0 }])
    await driver.advance('1m')
    expect(await driver.read(output)).toEqual([])
    // A tombstone has a time all the same: this record is late behind it.
    await driver.feed(input, [at(0, 'a', 1_000), at(0, 'a', 50_100)])
    await driver.advance('1m')
    expect(shown(await driver.read(output))).toEqual(['a 1 @ 52000'])
    await driver.stop()
  })

  test('a record late by its own partition is late, however far the others are', async () => {
    const { driver, app, input, output, late } = counts(way)
    await driver.start(app)
    // Partition 1 holds the task's minimum back by an hour; partition 0 knows better of itself.
    await driver.feed(input, [at(1, 'b', 1_000), at(0, 'a', 3_600_000), at(0, 'a', 3_590_000)])
    await driver.advance('100ms')
    await driver.advance(COMMIT)
    expect(await driver.read(late)).toMatchObject([{ timestamp: 3_590_000, value: { k: 'a' } }])
    await driver.advance('1m')
    expect(shown(await driver.read(output))).toEqual(['a 1 @ 3602000', 'b 1 @ 2000'])
    await driver.stop()
  })
})

test('a partition an hour behind loses nothing, in whatever order records are read', async () => {
  const behind = Array.from({ length: 40 }, (_, i) => at(3, 'slow', i * 500))
  const ahead = Array.from({ length: 40 }, (_, i) => at(i % 3, 'fast', 3_600_000 + i * 500))
  const both = Array.from({ length: 40 }, (_, i) => at(3, 'fast', i * 500))
  const orders = [
    [ahead, behind, both],
    [both, behind, ahead],
    [ahead.slice(0, 20), behind.slice(0, 20), both, ahead.slice(20), behind.slice(20)],
  ]
  for (const order of orders) {
    const { driver, app, input, output, late } = counts('repartition', { disorder: 30_000 })
    await driver.start(app)
    for (const records of order) {
      await driver.feed(input, records)
      await driver.advance('1500ms')
    }
    await driver.advance('1m')
    expect(await driver.read(late)).toEqual([])
    const totals = new Map<string, number>()
    for (const { value } of await driver.read(output)) {
      const { k, n } = value as { k: string; n: number }
      totals.set(k, (totals.get(k) ?? 0) + n)
    }
    expect([...totals].sort()).toEqual([
      ['fast', 80],
      ['slow', 40],
    ])
    await driver.stop()
  }
})

test('an input that fell idle leaves the minimum: what it brings then is late, not lost', async () => {
  const { driver, app, input, output, late } = counts('repartition')
  await driver.start(app)
  await driver.feed(input, [at(3, 'slow', 1_000)])
  await driver.advance('1m')
  expect(shown(await driver.read(output))).toEqual(['slow 1 @ 2000'])
  await driver.feed(input, [at(0, 'fast', 3_600_000)])
  await driver.advance('1500ms')
  // By its own partition it is in time; by the recorded decision that partition 3 is silent, not.
  await driver.feed(input, [at(3, 'slow', 3_000)])
  await driver.advance('1m')
  expect(await driver.read(late)).toMatchObject([{ timestamp: 3_000, value: { k: 'slow' } }])
  expect(shown(await driver.read(output))).toEqual(['fast 1 @ 3602000'])
  await driver.stop()
})

test('windows of windows come out when all is silent', async () => {
  const driver = new TestDriver()
  const app = new Application({ id: 'twice', ...driver.options })
  const input = app.topic('input', { key: string(), keyColumn: 'k', value: json(Row), idle: IDLE })
  const output = app.topic('output')
  app
    .dataframe(input)
    .window(tumbling('2s'), { name: 'first' })
    .agg(() => ({ n: count() }))
    .final()
    .window(tumbling('6s'), { name: 'second' })
    .agg(c => ({ n: sum(c.n) }))
    .final()
    .toTopic(output)
  await driver.start(app)
  await driver.feed(input, [at(0, 'a', 1_000), at(0, 'a', 1_100), at(0, 'a', 5_000)])
  await driver.advance('1m')
  expect(shown(await driver.read(output))).toEqual(['a 3 @ 6000'])
  expect(await driver.state()).toEqual([])
  await driver.stop()
})
