import { expect, test } from 'vitest'
import { MillraceError } from '../errors.ts'
import type { TopicPartition } from '../record/topic-partition.ts'
import { ManualClock } from '../testing/manual-clock.ts'
import type { RawBatch } from '../transport/raw-records.ts'
import { RawRecordsBuilder } from '../transport/raw-records-builder.ts'
import type { Fetcher } from '../transport/transport.ts'
import type { Logger } from './logger.ts'
import { SILENT } from './logger.ts'
import { Poller } from './poller.ts'

/** A fetcher whose polls the test answers. */
function setUp() {
  const polls: Answer<RawBatch | null>[] = []
  const removed: string[] = []
  const fetcher: Fetcher = {
    add() {},
    remove: ({ topic, partition }) => removed.push(`${topic}/${partition}`),
    pause() {},
    resume() {},
    poll: () => {
      const answer = deferred<RawBatch | null>()
      polls.push(answer)
      return answer.promise
    },
    progress: () => null,
    close: async () => {},
  }
  const clock = new ManualClock()
  const warnings: string[] = []
  const log: Logger = { ...SILENT, warn: (_, message) => warnings.push(message) }
  return { poller: new Poller(fetcher, clock, log), polls, removed, clock, warnings }
}

interface Answer<T> {
  readonly promise: Promise<T>
  readonly resolve: (value: T) => void
  readonly reject: (error: unknown) => void
}

function deferred<T>(): Answer<T> {
  let resolve!: (value: T) => void
  let reject!: (error: unknown) => void
  const promise = new Promise<T>((yes, no) => {
    resolve = yes
    reject = no
  })
  return { promise, resolve, reject }
}

function batch(partition = 0): RawBatch {
  const builder = new RawRecordsBuilder()
  builder.append(null, null, 0)
  const offsets = Float64Array.of(0)
  return { ...builder.build(), topic: 'in', partition, offsets, nextOffset: 1 }
}

const unreachable = new MillraceError('BROKER_UNREACHABLE', 'nobody answers.', { retriable: true })
const never = new AbortController().signal

test('gives what was polled, once', async () => {
  const { poller, polls } = setUp()
  const polled = poller.poll(100)
  expect(poller.take()).toBe(null)
  const given = batch()
  polls[0]?.resolve(given)
  await polled
  expect(poller.take()).toBe(given)
  expect(poller.take()).toBe(null)
})

test('keeps the poll under way', async () => {
  const { poller, polls } = setUp()
  void poller.poll(100)
  const again = poller.poll(100)
  expect(polls).toHaveLength(1)
  polls[0]?.resolve(null)
  await again
  void poller.poll(100)
  expect(polls).toHaveLength(2)
})

test('polls for no more while a batch waits, so that none is lost', async () => {
  const { poller, polls } = setUp()
  const polled = poller.poll(100)
  const first = batch()
  polls[0]?.resolve(first)
  await polled
  // The run was at a checkpoint when the poll was answered, and did not take the batch.
  await poller.poll(100)
  expect(polls).toHaveLength(1)
  expect(poller.take()).toBe(first)
  void poller.poll(100)
  expect(polls).toHaveLength(2)
})

test('drops the batch of a partition that was removed, and no other', async () => {
  const { poller, polls, removed } = setUp()
  const polled = poller.poll(100)
  polls[0]?.resolve(batch(1))
  await polled
  await poller.remove([{ topic: 'in', partition: 0 }])
  expect(poller.take()).not.toBe(null)
  expect(removed).toEqual(['in/0'])
})

test('drops a batch that was answered before the removal and lands after it', async () => {
  const { poller, polls } = setUp()
  void poller.poll(100)
  polls[0]?.resolve(batch(1))
  await poller.remove([{ topic: 'in', partition: 1 }])
  expect(poller.take()).toBe(null)
})

test('tries again after a pause when a poll may go better', async () => {
  const { poller, polls, clock, warnings } = setUp()
  const polled = poller.poll(100)
  polls[0]?.reject(unreachable)
  await polled
  // The failure is looked at before anything else is polled.
  await poller.poll(100)
  expect(polls).toHaveLength(1)
  let isOver = false
  void poller.pause(never)?.then(() => {
    isOver = true
  })
  expect(warnings).toEqual([expect.stringContaining('nobody answers')])
  await clock.advance(499)
  expect(isOver).toBe(false)
  await clock.advance(1)
  expect(isOver).toBe(true)
  expect(poller.pause(never)).toBe(null)
})

test('gives up when polls have failed for a minute without a success', async () => {
  const { poller, polls, clock } = setUp()
  const failAgain = async (): Promise<void> => {
    const polled = poller.poll(100)
    polls.at(-1)?.reject(unreachable)
    await polled
  }
  await failAgain()
  void poller.pause(never)
  await clock.advance(59_999)
  await failAgain()
  expect(poller.pause(never)).not.toBe(null)
  await clock.advance(1)
  const polled = poller.poll(100)
  polls.at(-1)?.resolve(null)
  await polled
  await failAgain()
  expect(poller.pause(never)).not.toBe(null)
  await clock.advance(60_000)
  await failAgain()
  expect(() => poller.pause(never)).toThrow('BROKER_UNREACHABLE')
})

test('does not try again what cannot go better', async () => {
  const { poller, polls } = setUp()
  for (const error of [new MillraceError('OFFSET_OUT_OF_RANGE', 'gone.'), new TypeError('oops')]) {
    const polled = poller.poll(100)
    polls.at(-1)?.reject(error)
    await polled
    expect(() => poller.pause(never)).toThrow(error)
  }
})

test('a pause ends when the run is stopped', async () => {
  const { poller, polls } = setUp()
  const polled = poller.poll(100)
  polls[0]?.reject(unreachable)
  await polled
  const stop = new AbortController()
  const pause = poller.pause(stop.signal)
  stop.abort()
  await pause
  expect(stop.signal.aborted).toBe(true)
})

test('tells of which partition a batch waits', async () => {
  const { poller, polls } = setUp()
  const polled = poller.poll(100)
  polls[0]?.resolve(batch(1))
  await polled
  expect(poller.holds({ topic: 'in', partition: 1 })).toBe(true)
  expect(poller.holds({ topic: 'in', partition: 0 })).toBe(false)
  poller.take()
  expect(poller.holds({ topic: 'in', partition: 1 })).toBe(false)
})

test('a poll under way may hold a batch of any partition: its answer may not be heard yet', async () => {
  const { poller, polls } = setUp()
  const [one, two] = [0, 1].map(partition => ({ topic: 'in', partition }))
  const mayHold = () => [one, two].map(place => poller.mayHold(place as TopicPartition))
  expect(mayHold()).toEqual([false, false])
  const polled = poller.poll(100)
  polls[0]?.resolve(batch(1))
  expect(mayHold()).toEqual([true, true])
  await polled
  expect(mayHold()).toEqual([false, true])
  poller.take()
  expect(mayHold()).toEqual([false, false])
})
