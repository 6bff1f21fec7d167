/**
 * A topic falls silent: its windows come out all the same, in the time that the guide promises, and
 * not while an open transaction may still bring records.
 */
import { Application, count, json, schema, string, t, tumbling } from '@millrace/core'
import { kafka } from '@millrace/kafka'
import { afterEach, describe, expect, inject, test } from 'vitest'
import { call, disconnect, nativeProducer } from './native-client.ts'
import { closeAll, newName, newTopic, open } from './transport-session.ts'

afterEach(closeAll)

const Row = schema({ k: t.string() })
const SIZE = 2_000
const IDLE = 1_500
const GRACE = 500
const DISORDER = 300
const COMMIT = 1_000
/** A window begins here. */
const BASE = 1_750_000_000_000
/** Partition and event time of ten records; partitions 1 and 3 stay empty. */
const RECORDS: readonly (readonly [partition: number, time: number])[] = [
  ...[100, 900, 2_100, 4_500, 6_500].map(time => [0, time] as const),
  ...[300, 2_500, 4_700, 6_900, 7_100].map(time => [2, time] as const),
]
const GREATEST = 7_100
/** All are in four windows, the last of which ends at 8,000. */
const DUE_MS = IDLE + (8_000 + GRACE + DISORDER - GREATEST) + 2 * COMMIT

type Way = 'repartition' | 'key'

/** Counts per `k` and window of a new topic, told as they come out. */
async function running(way: Way) {
  const broker = kafka({ 'bootstrap.servers': inject('kafka') })
  const input = await newTopic(await open(broker), 4)
  const windows: { readonly end: number; readonly n: number; readonly at: number }[] = []
  const app = new Application({ id: newName('app'), broker, commitInterval: COMMIT })
  const keyed = way === 'key' ? { key: string(), keyColumn: 'k' } : { key: string() }
  const topic = app.topic(input, { ...keyed, value: json(Row), idle: IDLE, disorder: DISORDER })
  app
    .dataframe(topic)
    .groupBy('k')
    .window(tumbling(SIZE, { grace: GRACE }))
    .agg(() => ({ n: count() }))
    .final()
    .tap(({ window_end, n }) => {
      windows.push({ end: window_end - BASE, n, at: Date.now() })
    })
    .toTopic(app.topic(`${input}-out`, { create: { partitions: 1 } }))
  const ended = app.run()
  ended.catch(() => {})
  const stop = async (): Promise<void> => {
    app.stop()
    await ended
  }
  await expect.poll(() => app.status().tasks.length, { timeout: 20_000 }).toBeGreaterThan(3)
  return { app, input, windows, stop }
}

async function feed(input: string): Promise<void> {
  const writer = await nativeProducer({ 'bootstrap.servers': inject('kafka') })
  for (const [partition, time] of RECORDS) {
    const key = `k${partition}`
    const value = Buffer.from(JSON.stringify({ k: key }))
    writer.produce(input, partition, value, Buffer.from(key), BASE + time)
  }
  await call(writer, 'flush', 10_000)
  await disconnect(writer)
}

const ALL = ['2000 3', '4000 2', '6000 2', '8000 3']

/** `end n`, over all keys, sorted. */
function totals(windows: readonly { readonly end: number; readonly n: number }[]): string[] {
  const sums = new Map<number, number>()
  for (const { end, n } of windows) sums.set(end, (sums.get(end) ?? 0) + n)
  return [...sums].sort(([a], [b]) => a - b).map(([end, n]) => `${end} ${n}`)
}

describe.each(['repartition', 'key'] as const)('by %s', way => {
  test('every window comes out in time when a topic falls silent', async () => {
    const { input, windows, stop } = await running(way)
    await feed(input)
    const silentSince = Date.now()
    await expect.poll(() => totals(windows), { timeout: 20_000 }).toEqual(ALL)
    const lastAt = Math.max(...windows.map(({ at }) => at))
    await stop()
    // By the key, each partition is a task of its own, with a greatest event time of its own.
    const lag = way === 'key' ? GREATEST - 6_500 : 0
    expect(lastAt - silentSince).toBeLessThanOrEqual(DUE_MS + lag)
  })
})

test('nothing closes while a transaction is open on the input', async () => {
  const { input, windows, stop } = await running('repartition')
  const settings = { 'bootstrap.servers': inject('kafka'), 'transactional.id': newName('tx') }
  const writer = await nativeProducer(settings)
  await call(writer, 'initTransactions', 10_000)
  await call(writer, 'beginTransaction')
  writer.produce(input, 1, Buffer.from('{"k":"held"}'), Buffer.from('held'), BASE + 200)
  await call(writer, 'flush', 10_000)
  await feed(input)
  // Waiting is the test: twice as long as silence would need.
  await new Promise(resolve => setTimeout(resolve, 2 * DUE_MS))
  expect(totals(windows)).toEqual([])
  await call(writer, 'commitTransaction', 10_000)
  await disconnect(writer)
  const all = ['2000 4', ...ALL.slice(1)]
  await expect.poll(() => totals(windows), { timeout: 20_000 }).toEqual(all)
  await stop()
})
