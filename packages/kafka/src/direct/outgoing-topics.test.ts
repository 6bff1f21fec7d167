import { MillraceError, partitionOfKey, RawRecordsBuilder } from '@millrace/core'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Leaders } from './leaders.ts'
import type { OutgoingPartition } from './outgoing-partition.ts'
import { OutgoingTopics } from './outgoing-topics.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

const OPTIONS = { codec: 0, bytesMax: 200, recordBytesMax: 400 }

interface Known {
  readonly errorCode: number
  readonly count: number
}

/** What a refresh tells; null: nobody answers. */
function setUp(...told: (Known | null | Error)[]) {
  let known: Known | null | undefined
  let refreshed = 0
  const cluster = {
    topic: () =>
      known && {
        ...known,
        partitions: Array.from({ length: known.count }, (_, partition) => ({ partition })),
      },
    refresh: async () => {
      refreshed++
      const next = told.length > 1 ? told.shift() : told[0]
      if (next instanceof Error) throw next
      known = next
    },
  }
  const grown = new Map<number, number>()
  const full: OutgoingPartition[] = []
  const failures: unknown[] = []
  let waiting = 0
  const topics = new OutgoingTopics(cluster as unknown as Leaders, OPTIONS, {
    grown: ({ partition }, bytes) => grown.set(partition, (grown.get(partition) ?? 0) + bytes),
    waiting: bytes => {
      waiting += bytes
    },
    full: partition => {
      full.push(partition)
      partition.seal({ producerId: 1n, epoch: 0, transactionalId: null }, 0)
    },
    failed: error => failures.push(error),
  })
  return {
    topics,
    grown,
    full,
    failures,
    waiting: () => waiting,
    refreshed: () => refreshed,
    pass: (ms: number) => vi.advanceTimersByTimeAsync(ms),
  }
}

function outgoing(keys: readonly (string | null)[], partitions: number[] | null = null, size = 5) {
  const builder = new RawRecordsBuilder()
  for (const key of keys) {
    if (key !== null) {
      builder.startKey()
      builder.out.text(key)
      builder.endKey()
    }
    builder.startValue()
    builder.out.text('v'.repeat(size))
    builder.endValue()
    builder.endRecord(1)
  }
  const raw = builder.build()
  // A part of something greater.
  const data = Buffer.concat([raw.data, Buffer.alloc(1_000)])
  const numbers = partitions === null ? null : Int32Array.from(partitions)
  return { ...raw, data, topic: 'orders', partitions: numbers }
}

const THREE = { errorCode: 0, count: 3 }

test('records go by their key, as those of Java do', async () => {
  const { topics, grown, pass } = setUp(THREE)
  topics.write(outgoing(['some key']))
  await pass(1)
  const expected = partitionOfKey(Buffer.from('some key'), 0, 8, 3)
  expect([...grown.keys()]).toEqual([expected])
})

test('records without a key go together, with each write to another partition', async () => {
  const { topics, grown, pass } = setUp(THREE)
  topics.write(outgoing([null]))
  await pass(1)
  for (let i = 0; i < 2; i++) topics.write(outgoing([null, null]))
  expect([...grown.keys()]).toEqual([0, 1, 2])
})

test('what waits for its topic is counted while it waits, and not after', async () => {
  const { topics, grown, waiting, refreshed, pass } = setUp(null, { errorCode: 5, count: 0 }, THREE)
  topics.write(outgoing(['k'], [2]))
  topics.write(outgoing(['k'], [0]))
  expect(waiting()).toBe(12)
  await pass(1)
  expect([refreshed(), waiting(), grown.size]).toEqual([1, 12, 0])
  await pass(1_000)
  expect([refreshed(), waiting(), [...grown.keys()]]).toEqual([3, 0, [2, 0]])
  expect(topics.learning()).toEqual([])
})

test('a topic nobody knows for five seconds fails', async () => {
  const { topics, failures, pass } = setUp(null)
  topics.write(outgoing(['k']))
  await pass(4_900)
  expect(failures).toEqual([])
  await pass(1_100)
  expect(failures).toMatchObject([{ code: 3 }])
})

test('a topic that may not be seen fails with that reason', async () => {
  const { topics, failures, pass } = setUp({ errorCode: 29, count: 0 })
  topics.write(outgoing(['k']))
  await pass(7_000)
  expect(failures).toMatchObject([{ code: 29, message: 'this user may not write to the topic' }])
})

test('brokers that refuse are not asked again', async () => {
  const refused = new MillraceError('BROKER_REFUSED', 'wrong password')
  const { topics, failures, refreshed, pass } = setUp(refused)
  topics.write(outgoing(['k']))
  await pass(1)
  expect([failures, refreshed()]).toEqual([[refused], 1])
})

test('a batch that is full is ended; a record larger than any batch has room of its own', async () => {
  const { topics, full, failures, pass } = setUp(THREE)
  topics.write(outgoing(['k'], [0], 80))
  await pass(1)
  topics.write(outgoing(['k'], [0], 80))
  expect(full).toHaveLength(1)
  topics.write(outgoing(['k'], [1], 300))
  expect([full.length, failures.length]).toEqual([1, 0])
})

test('a record that no batch has room for is too large', async () => {
  const { topics, failures, pass } = setUp(THREE)
  topics.write(outgoing(['k'], [0], 500))
  await pass(1)
  expect(failures).toMatchObject([{ code: 10 }])
})

test('a partition the topic does not have fails', async () => {
  const { topics, failures, pass } = setUp(THREE)
  topics.write(outgoing(['k'], [3]))
  await pass(1)
  expect(failures).toMatchObject([{ code: 3 }])
})

test('of records that fail, the first is told of', async () => {
  const { topics, failures, pass } = setUp(THREE)
  topics.write(outgoing(['k'], [0]))
  await pass(1)
  const of = (times: readonly number[], partitions: number[], large: number) => {
    const records = outgoing(new Array(times.length).fill('k'), partitions)
    records.timestamps.set(times)
    records.valueSize[large] = 500
    return records
  }
  topics.write(of([1, 1, 1, Number.NaN], [2, 1, 1, 0], 2))
  topics.write(of([1, 1, Number.NaN, 1], [2, 1, 1, 0], 3))
  topics.write(of([1, 1, Number.NaN, 1], [2, 3, 1, 0], 3))
  expect(failures).toMatchObject([{ code: 10 }, { code: 'ENCODE_FAILED' }, { code: 3 }])
})

test('closed, it asks no more', async () => {
  const { topics, refreshed, pass } = setUp(null)
  topics.write(outgoing(['k']))
  await pass(1)
  topics.close()
  await pass(10_000)
  expect(refreshed()).toBe(1)
  expect(vi.getTimerCount()).toBe(0)
})
