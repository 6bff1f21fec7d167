/**
 * The independent program: reads the input, computes what must come out, reads what came out, and
 * says what differs. A process of its own, over the Kafka client alone.
 *
 *   check ─► input read ─► results read as they come ─► complete, or stuck
 *   finish ─► the rest of the results, to the very end ─► verdict
 */
import type { Guarantee } from '@millrace/core'
import { type ClientSettings, PARTITIONS, storyTopics } from '../crash/story.ts'
import type { ClientRecord } from '../kafka-client.ts'
import { type Anomaly, Comparison, type Tally } from './comparison.ts'
import { type Expected, expectedOf, type InputRecord } from './expected.ts'
import { type Read, readPurchase, readWindow } from './observed.ts'
import { type PartitionName, TopicReader } from './topic-reader.ts'

export interface CheckOrders {
  readonly id: string
  readonly settings: ClientSettings
  readonly guarantee: Guarantee
  /** So long nothing new may come while something is missing. */
  readonly patienceMs: number
}

export type ToChecker =
  | { readonly kind: 'check'; readonly orders: CheckOrders }
  | { readonly kind: 'finish' }

export type FromChecker =
  | { readonly kind: 'ready' }
  | { readonly kind: 'missing'; readonly count: number }
  /** Everything has been seen; or nothing came any more. */
  | { readonly kind: 'read'; readonly isComplete: boolean }
  | {
      readonly kind: 'verdict'
      readonly inputCount: number
      readonly anomalies: readonly Anomaly[]
      readonly tallies: readonly Tally[]
    }
  | { readonly kind: 'failed'; readonly text: string }

const END_MS = 90_000
const TELL_EVERY_MS = 2_000

const READS: Readonly<Record<keyof Expected, Read>> = {
  passed: readPurchase,
  late: readPurchase,
  users: readWindow('user'),
  items: readWindow('item'),
}

let finish: () => void = () => {}
const finished = new Promise<void>(resolve => {
  finish = resolve
})

process.on('disconnect', () => process.exit(1))
process.on('message', (message: ToChecker) => {
  if (message.kind === 'finish') return finish()
  check(message.orders).catch(error =>
    tell({ kind: 'failed', text: String(error?.stack ?? error) }),
  )
})
tell({ kind: 'ready' })

async function check({ id, settings, guarantee, patienceMs }: CheckOrders): Promise<void> {
  const topics = storyTopics(id)
  const input = await readInput(settings, topics.input)
  const expected = expectedOf(input)
  const names = Object.keys(READS) as (keyof Expected)[]
  const mayRepeat = guarantee === 'at-least-once'
  const comparisons = new Map(
    names.map(name => [topics[name], new Comparison(topics[name], expected[name], mayRepeat)]),
  )
  const reads = new Map(names.map(name => [topics[name], READS[name]]))
  const results = await TopicReader.open(
    settings,
    partitionsOf([...comparisons.keys()]),
    record => {
      const read = reads.get(record.topic) as Read
      comparisons.get(record.topic)?.observe(read(record))
    },
  )
  const missing = (): number =>
    [...comparisons.values()].reduce((sum, comparison) => sum + comparison.missing, 0)
  const isComplete = await readUntil(() => missing() === 0, results, missing, patienceMs)
  tell({ kind: 'read', isComplete })
  await finished
  await results.untilEnd(END_MS)
  await results.close()
  const all = [...comparisons.values()]
  tell({
    kind: 'verdict',
    inputCount: input.length,
    anomalies: all.flatMap(comparison => comparison.anomalies()),
    tallies: all.map(comparison => comparison.tally()),
  })
}

async function readInput(settings: ClientSettings, topic: string): Promise<InputRecord[]> {
  const records: InputRecord[] = []
  const accept = ({ value, partition, offset }: ClientRecord): void => {
    records.push({ ...JSON.parse(String(value)), partition, offset })
  }
  const reader = await TopicReader.open(settings, partitionsOf([topic]), accept)
  await reader.untilEnd(END_MS)
  await reader.close()
  return records
}

async function readUntil(
  isDone: () => boolean,
  results: TopicReader,
  missing: () => number,
  patienceMs: number,
): Promise<boolean> {
  let lastAt = performance.now()
  let toldAt = 0
  while (!isDone()) {
    const now = performance.now()
    if ((await results.read()) > 0) lastAt = now
    if (now - lastAt > patienceMs) return false
    if (now - toldAt < TELL_EVERY_MS) continue
    toldAt = now
    tell({ kind: 'missing', count: missing() })
  }
  return true
}

function partitionsOf(topics: readonly string[]): PartitionName[] {
  return topics.flatMap(topic =>
    Array.from({ length: PARTITIONS }, (_, partition) => ({ topic, partition })),
  )
}

function tell(message: FromChecker): void {
  if (process.connected) process.send?.(message)
}
