/**
 * The independent program: reads the input, computes what must come out, reads what came out, and
 * says what differs. A process of its own, over the Kafka client alone.
 *
 *   check ─► input read ─► results read as they come ─► complete, or stuck
 *   finish ─► the rest of the results, to the very end ─► verdict
 */
import { type ClientSettings, PARTITIONS, storyTopics } from '../crash/story.ts'
import type { ClientRecord } from '../kafka-client.ts'
import { type AnyComparison, Comparison } from './comparison.ts'
import { type Expected, expectedOf, type InputLine, OUTPUTS, type OutputName } from './expected.ts'
import { fileLines } from './file-reader.ts'
import { LastComparison } from './last-comparison.ts'
import type { CheckOrders, FromChecker, ToChecker } from './messages.ts'
import {
  type Read,
  readBroken,
  readBurst,
  readPurchase,
  readWindow,
  readWindowLine,
} from './observed.ts'
import { type PartitionName, TopicReader } from './topic-reader.ts'

const END_MS = 90_000
const TELL_EVERY_MS = 2_000

/** How the records of an output topic are read; files are not in a topic. */
const READS: Readonly<Record<Exclude<OutputName, 'files'>, Read>> = {
  passed: readPurchase,
  late: readPurchase,
  users: readWindow('user'),
  items: readWindow('item'),
  updates: readWindow('item'),
  bursts: readBurst,
  dead: readBroken,
}

let finish: () => void = () => {}
const finished = new Promise<void>(resolve => {
  finish = resolve
})

process.on('disconnect', () => process.exit(1))
process.on('message', (message: ToChecker) => {
  if (message.kind === 'finish') finish()
  else check(message.orders).catch(error => tell({ kind: 'failed', text: String(error?.stack) }))
})
tell({ kind: 'ready' })

async function check(orders: CheckOrders): Promise<void> {
  const { id, settings, guarantee, patienceMs, files } = orders
  const topics = storyTopics(id)
  const input = await readInput(settings, topics.input)
  const expected = expectedOf(input)
  const mayRepeat = guarantee === 'at-least-once'
  const comparisons = new Map<OutputName, AnyComparison>(
    OUTPUTS.map(name => [name, comparisonOf(name, expected, mayRepeat)]),
  )
  const names = Object.keys(READS) as (keyof typeof READS)[]
  const nameOf = new Map(names.map(name => [topics[name] as string, name]))
  const partitions = partitionsOf(names.map(name => topics[name]))
  const results = await TopicReader.open(settings, partitions, record => {
    const name = nameOf.get(record.topic) as keyof typeof READS
    comparisons.get(name)?.observe(READS[name](record))
  })
  const missing = (): number =>
    names.reduce((sum, name) => sum + (comparisons.get(name)?.missing ?? 0), 0)
  const isComplete = await readUntil(() => missing() === 0, results, missing, patienceMs)
  tell({ kind: 'read', isComplete })
  await finished
  await results.untilEnd(END_MS)
  await results.close()
  let line = 0
  for await (const text of fileLines(files)) {
    comparisons.get('files')?.observe(readWindowLine('user', text, line++))
  }
  const all = [...comparisons.values()]
  tell({
    kind: 'verdict',
    inputCount: input.length,
    anomalies: all.flatMap(comparison => comparison.anomalies()),
    tallies: all.map(comparison => comparison.tally()),
  })
}

function comparisonOf(name: OutputName, expected: Expected, mayRepeat: boolean): AnyComparison {
  if (name === 'updates') return new LastComparison(name, expected[name], mayRepeat)
  return new Comparison(name, expected[name], mayRepeat && name !== 'files')
}

async function readInput(settings: ClientSettings, topic: string): Promise<InputLine[]> {
  const lines: InputLine[] = []
  const accept = ({ key, value, partition, offset }: ClientRecord): void => {
    lines.push({ partition, offset, key: String(key), value: String(value) })
  }
  const reader = await TopicReader.open(settings, partitionsOf([topic]), accept)
  await reader.untilEnd(END_MS)
  await reader.close()
  return lines
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
