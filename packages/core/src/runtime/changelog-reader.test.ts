import { expect, test } from 'vitest'
import { MillraceError } from '../errors.ts'
import { ManualClock } from '../testing/manual-clock.ts'
import { InMemoryBroker } from '../transport/in-memory/in-memory-broker.ts'
import { inMemory } from '../transport/in-memory/in-memory-transport.ts'
import type { RawBatch } from '../transport/raw-records.ts'
import { ChangelogReader } from './changelog-reader.ts'
import { SILENT } from './logger.ts'

function setUp() {
  const clock = new ManualClock(0)
  const broker = new InMemoryBroker({ clock })
  broker.createTopic('log', 3)
  const transport = inMemory(broker).create({ applicationId: 'app', log: SILENT })
  let fetchers = 0
  const { createFetcher } = transport
  transport.createFetcher = options => {
    fetchers++
    return createFetcher.call(transport, options)
  }
  const reader = new ChangelogReader(transport, clock, promise => promise)
  const append = (partition: number, ...values: number[]): void => {
    const records = values.map(value => ({
      key: Buffer.of(value),
      value: Buffer.of(value),
      timestamp: 0,
      headers: [],
    }))
    broker.append('log', partition, records)
  }
  const read = async (partition: number, from: number, end: number, signal = NEVER) => {
    const values: number[] = []
    const take = async (raw: RawBatch): Promise<void> => {
      for (let i = 0; i < raw.count; i++)
        values.push(raw.data[raw.valueStart[i] as number] as number)
    }
    await reader.read({ topic: 'log', partition }, { from, end, take, signal })
    return values
  }
  return { broker, clock, reader, append, read, fetchers: () => fetchers }
}

const NEVER = new AbortController().signal

test('reads several partitions side by side through one fetcher', async () => {
  const { append, read, fetchers } = setUp()
  append(0, 1, 2, 3)
  append(1, 4)
  append(2, 5, 6)
  const all = await Promise.all([read(0, 1, 3), read(1, 0, 1), read(2, 2, 2)])
  expect([all, fetchers()]).toEqual([[[2, 3], [4], []], 1])
  expect(await read(2, 0, 2)).toEqual([5, 6])
  expect(fetchers()).toBe(2)
})

test('a reading that is aborted ends, and others go on', async () => {
  const { append, read, broker } = setUp()
  append(0, 1)
  const release = broker.holdTransaction('log', 0)
  append(0, 2)
  append(1, 3)
  const stop = new AbortController()
  const aborted = read(0, 0, 3, stop.signal)
  expect(await read(1, 0, 1)).toEqual([3])
  stop.abort()
  expect(await aborted).toEqual([1])
  release()
})

test('waits for a broker that is away, and tells what it can not get over', async () => {
  const { append, read, broker, clock } = setUp()
  append(0, 1)
  let tries = 0
  const fail = (): never => {
    throw new MillraceError('BROKER_UNREACHABLE', 'gone', { retriable: ++tries < 3 })
  }
  broker.faults.before('poll', fail, { times: 2 })
  const reading = read(0, 0, 1)
  await clock.advance(1_000)
  expect(await reading).toEqual([1])
  broker.faults.before('poll', fail)
  await expect(read(0, 0, 1)).rejects.toMatchObject({ code: 'BROKER_UNREACHABLE' })
  expect(await read(0, 0, 1)).toEqual([1])
})

test('a write that fails is what the reading fails with', async () => {
  const { append, reader } = setUp()
  append(0, 1)
  const take = () => Promise.reject(new Error('disk full'))
  const range = { from: 0, end: 1, take, signal: NEVER }
  await expect(reader.read({ topic: 'log', partition: 0 }, range)).rejects.toThrow('disk full')
})
