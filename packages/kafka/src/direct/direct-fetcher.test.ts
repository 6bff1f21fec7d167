import { MillraceError, type RawBatch } from '@millrace/core'
import { afterEach, expect, test } from 'vitest'
import { batchBytes } from '../records/batch-bytes.ts'
import { DirectFetcher } from './direct-fetcher.ts'
import type { FetchAnswer, FetchAsk, FetchedPartition, FetchSource } from './fetch-source.ts'

const SETTINGS = {
  waitMs: 10,
  partitionBytesMax: 1 << 20,
  answerBytesMax: 1 << 22,
  checkCrc: true,
  batchBytesMax: 1 << 20,
}
const ORDERS = { topic: 'orders', partition: 0 }

interface Question extends FetchAsk {
  readonly brokerId: number
  answer(...partitions: readonly Partial<FetchedPartition>[]): void
  throttled(ms: number): void
  fail(error: unknown): void
}

/** Brokers that answer when the test says. */
class FakeSource implements FetchSource {
  readonly topics = new Map<
    string,
    { id: string; leaders: ({ brokerId: number; epoch: number } | null)[] }
  >()
  known = new Map<
    string,
    { id: string; leaders: ({ brokerId: number; epoch: number } | null)[] } | null
  >()
  refreshed = 0
  refusal: MillraceError | null = null
  ends = { earliest: 0, latest: 100 }
  readonly #questions: Question[] = []
  readonly #waiting: ((question: Question) => void)[] = []

  topic(name: string) {
    return this.known.get(name)
  }

  async refresh(names: readonly string[]): Promise<void> {
    this.refreshed++
    if (this.refusal !== null) throw this.refusal
    for (const name of names) this.known.set(name, this.topics.get(name) ?? null)
  }

  fetch(brokerId: number, ask: FetchAsk): Promise<FetchAnswer> {
    return new Promise((resolve, reject) => {
      const question: Question = {
        ...ask,
        brokerId,
        answer: (...partitions) =>
          resolve({ throttleMs: 0, partitions: partitions.map(part => ({ ...EMPTY, ...part })) }),
        throttled: throttleMs => resolve({ throttleMs, partitions: [EMPTY] }),
        fail: reject,
      }
      const next = this.#waiting.shift()
      if (next === undefined) this.#questions.push(question)
      else next(question)
    })
  }

  async offsets() {
    return this.ends
  }

  close(): void {}

  /** The next question that a broker is asked. */
  async asked(): Promise<Question> {
    return this.#questions.shift() ?? new Promise(resolve => this.#waiting.push(resolve))
  }

  get isQuiet(): boolean {
    return this.#questions.length === 0
  }
}

const NO_RECORDS = { data: Buffer.alloc(0), start: 0, end: 0, aborted: [] }
const EMPTY: FetchedPartition = {
  ...ORDERS,
  errorCode: 0,
  highWatermark: 0,
  lastStableOffset: 0,
  preferredReplica: -1,
  records: NO_RECORDS,
}

function records(from: number, count: number, valueBytes = 1): Partial<FetchedPartition> {
  const value = 'v'.repeat(valueBytes)
  const list = Array.from({ length: count }, (_, offsetDelta) => ({ offsetDelta, value }))
  const data = batchBytes({ baseOffset: from, records: list })
  const end = from + count
  return {
    highWatermark: end,
    lastStableOffset: end,
    records: { data, start: 0, end: data.length, aborted: [] },
  }
}

const fetchers: DirectFetcher[] = []
afterEach(async () => {
  for (const fetcher of fetchers.splice(0)) await fetcher.close()
})

function setUp(bufferBytesMax = 1 << 20, partitions = 1) {
  const source = new FakeSource()
  const leaders = Array.from({ length: partitions }, () => ({ brokerId: 1, epoch: 5 }))
  source.topics.set('orders', { id: 'id-1', leaders })
  const fetcher = new DirectFetcher(source, SETTINGS, { bufferBytesMax, batchRecordsMax: 100 })
  fetchers.push(fetcher)
  return { source, fetcher }
}

const offsetsOf = (raw: RawBatch | null): number[] => [...(raw?.offsets ?? [])]
const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'nothing',
    error => error.code,
  )

test('asks the leader from the offset it was told, then behind what came', async () => {
  const { source, fetcher } = setUp()
  fetcher.add(ORDERS, 7)
  const first = await source.asked()
  expect(first).toMatchObject({
    brokerId: 1,
    partitions: [{ ...ORDERS, offset: 7, leaderEpoch: 5 }],
  })
  first.answer(records(7, 3))
  expect(offsetsOf(await fetcher.poll(1_000))).toEqual([7, 8, 9])
  expect((await source.asked()).partitions).toMatchObject([{ offset: 10 }])
  expect(fetcher.progress(ORDERS)).toEqual({
    position: 10,
    lastStableOffset: 10,
    highWatermark: 10,
  })
})

test('what was removed, or added anew, takes nothing of an answer under way', async () => {
  const { source, fetcher } = setUp()
  fetcher.add(ORDERS, 0)
  const before = await source.asked()
  fetcher.remove(ORDERS)
  fetcher.add(ORDERS, 50)
  before.answer(records(0, 3))
  const after = await source.asked()
  expect(after.partitions).toMatchObject([{ offset: 50 }])
  after.answer(records(50, 1))
  expect(offsetsOf(await fetcher.poll(1_000))).toEqual([50])
})

test('a pause keeps what is there and gives none of it', async () => {
  const { source, fetcher } = setUp()
  fetcher.add(ORDERS, 0)
  const question = await source.asked()
  fetcher.pause(ORDERS)
  question.answer(records(0, 2))
  expect(await fetcher.poll(5)).toBe(null)
  expect(fetcher.progress(ORDERS)).toBe(null)
  fetcher.resume(ORDERS)
  expect(offsetsOf(await fetcher.poll(1_000))).toEqual([0, 1])
})

test('a full buffer stops asking, but a partition with nothing is asked for', async () => {
  const { source, fetcher } = setUp(64 * 1024, 2)
  const other = { topic: 'orders', partition: 1 }
  fetcher.add(ORDERS, 0)
  ;(await source.asked()).answer(records(0, 10, 10_000))
  await new Promise(resolve => setImmediate(resolve))
  expect(source.isQuiet).toBe(true)
  fetcher.add(other, 0)
  const question = await source.asked()
  expect(question.partitions).toMatchObject([{ partition: 1 }])
  question.answer({ ...records(0, 1), ...other })
  const partitions = [
    (await fetcher.poll(1_000))?.partition,
    (await fetcher.poll(1_000))?.partition,
  ]
  expect(partitions.sort()).toEqual([0, 1])
})

test.each([5, 6, 74, 75, 56])('error %i: the brokers are asked who leads now', async errorCode => {
  const { source, fetcher } = setUp()
  fetcher.add(ORDERS, 0)
  const first = await source.asked()
  source.topics.set('orders', { id: 'id-1', leaders: [{ brokerId: 2, epoch: 6 }] })
  first.answer({ errorCode })
  const second = await source.asked()
  expect(second).toMatchObject({ brokerId: 2, partitions: [{ leaderEpoch: 6, offset: 0 }] })
})

test('a broker that is gone costs nothing but time', async () => {
  const { source, fetcher } = setUp()
  fetcher.add(ORDERS, 0)
  const first = await source.asked()
  source.topics.set('orders', { id: 'id-1', leaders: [{ brokerId: 3, epoch: 6 }] })
  first.fail(new MillraceError('BROKER_UNREACHABLE', 'gone.', { retriable: true }))
  const second = await source.asked()
  expect(second.brokerId).toBe(3)
  second.answer(records(0, 1))
  expect(offsetsOf(await fetcher.poll(1_000))).toEqual([0])
})

test('polls say that no broker answers, and go on when one does', async () => {
  const { source, fetcher } = setUp()
  source.refusal = new MillraceError('BROKER_UNREACHABLE', 'nobody.', { retriable: true })
  fetcher.add(ORDERS, 0)
  expect(await codeOf(fetcher.poll(1_000))).toBe('BROKER_UNREACHABLE')
  source.refusal = null
  ;(await source.asked()).answer(records(0, 1))
  expect(offsetsOf(await fetcher.poll(1_000))).toEqual([0])
})

test.each([
  [0, { earliest: 5, latest: 9 }, 'OFFSET_OUT_OF_RANGE'],
  [50, { earliest: 5, latest: 9 }, 'OFFSET_OUT_OF_RANGE'],
])('offset %i of %j is out of range', async (offset, ends, code) => {
  const { source, fetcher } = setUp()
  source.ends = ends
  fetcher.add(ORDERS, offset)
  ;(await source.asked()).answer({ errorCode: 1 })
  expect(await codeOf(fetcher.poll(1_000))).toBe(code)
})

test('a topic made anew under the same name is another topic', async () => {
  const { source, fetcher } = setUp()
  fetcher.add(ORDERS, 0)
  const question = await source.asked()
  source.topics.set('orders', { id: 'id-2', leaders: [{ brokerId: 1, epoch: 0 }] })
  question.answer({ errorCode: 100 })
  expect(await codeOf(fetcher.poll(1_000))).toBe('TOPIC_MISSING')
})

test('a right that is missing stops the partition', async () => {
  const { source, fetcher } = setUp()
  fetcher.add(ORDERS, 0)
  ;(await source.asked()).answer({ errorCode: 29 })
  const done = fetcher.poll(1_000)
  await expect(done).rejects.toThrow(/BROKER_REFUSED.*Give this user "Read" on the topic/)
})

test('records before bad bytes come first', async () => {
  const { source, fetcher } = setUp()
  fetcher.add(ORDERS, 0)
  const good = batchBytes({ baseOffset: 0, records: [{ offsetDelta: 0, value: 'v' }] })
  const bad = batchBytes({ baseOffset: 1, records: [{ offsetDelta: 0, value: 'v' }], codec: 7 })
  const data = Buffer.concat([good, bad])
  ;(await source.asked()).answer({ records: { data, start: 0, end: data.length, aborted: [] } })
  expect(offsetsOf(await fetcher.poll(1_000))).toEqual([0])
  expect(await codeOf(fetcher.poll(1_000))).toBe('LOG_CORRUPT')
})

test('a broker that throttles is left alone, and nothing is known meanwhile', async () => {
  const { source, fetcher } = setUp()
  fetcher.add(ORDERS, 0)
  ;(await source.asked()).throttled(30)
  await new Promise(resolve => setImmediate(resolve))
  expect(source.isQuiet).toBe(true)
  expect(fetcher.progress(ORDERS)).toBe(null)
  await source.asked()
})

test('a replica that is nearer is read, until it fails', async () => {
  const { source, fetcher } = setUp()
  fetcher.add(ORDERS, 0)
  ;(await source.asked()).answer({ preferredReplica: 9 })
  const there = await source.asked()
  expect(there.brokerId).toBe(9)
  there.answer({ errorCode: 1 })
  expect((await source.asked()).brokerId).toBe(1)
})
