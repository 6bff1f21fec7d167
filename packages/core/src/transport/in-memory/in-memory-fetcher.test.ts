import { describe, expect, test } from 'vitest'
import { ManualClock } from '../../testing/manual-clock.ts'
import type { RawBatch } from '../raw-records.ts'
import { RawRecordsBuilder } from '../raw-records-builder.ts'
import { InMemoryBroker } from './in-memory-broker.ts'
import { InMemoryFetcher } from './in-memory-fetcher.ts'

const A0 = { topic: 'a', partition: 0 }
const A1 = { topic: 'a', partition: 1 }

function setUp(options = { bufferBytesMax: 1_000, batchRecordsMax: 2 }) {
  const clock = new ManualClock()
  const broker = new InMemoryBroker({ clock })
  broker.createTopic('a', 2)
  return {
    clock,
    broker,
    fetcher: new InMemoryFetcher(broker, broker.connect('test', 'one'), options),
  }
}

const numbered = (count: number) => Array.from({ length: count }, (_, i) => ({ value: `${i}` }))

describe('poll', () => {
  test('takes partitions in turn, each at most batchRecordsMax', async () => {
    const { broker, fetcher } = setUp()
    broker.append('a', 0, numbered(5))
    broker.append('a', 1, numbered(3))
    fetcher.add(A0, 0)
    fetcher.add(A1, 0)
    const taken: string[] = []
    for (;;) {
      const batch = await fetcher.poll(0)
      if (batch === null) break
      taken.push(`${batch.partition}: ${[...batch.offsets]} → ${batch.nextOffset}`)
    }
    expect(taken).toEqual(['0: 0,1 → 2', '1: 0,1 → 2', '0: 2,3 → 4', '1: 2 → 3', '0: 4 → 5'])
  })

  test('spoils a batch that is done with, and nothing of the log', async () => {
    const { broker, fetcher } = setUp()
    broker.append('a', 0, [{ key: 'k', value: 'v' }])
    const read = async () => {
      fetcher.add(A0, 0)
      return (await fetcher.poll(0)) as RawBatch
    }
    const batch = await read()
    expect(batch.data.toString('latin1')).toContain('v')
    batch.done?.()
    expect(batch.data.toString('latin1')).not.toContain('v')
    expect((await read()).data.toString('latin1')).toContain('v')
  })

  test('keeps a batch within the bytes, but for one record', async () => {
    const { broker, fetcher } = setUp({ bufferBytesMax: 10, batchRecordsMax: 100 })
    broker.append('a', 0, [{ value: 'x'.repeat(50) }, { value: '12345' }, { value: '12345' }])
    fetcher.add(A0, 0)
    expect([...((await fetcher.poll(0))?.offsets ?? [])]).toEqual([0])
    expect([...((await fetcher.poll(0))?.offsets ?? [])]).toEqual([1, 2])
  })

  test('waits by the clock given, not by real time', async () => {
    const { clock, fetcher } = setUp()
    fetcher.add(A0, 0)
    const waiting = fetcher.poll(60_000)
    await clock.advance(60_000)
    expect(await waiting).toBe(null)
    expect(clock.nextDueAt).toBe(null)
  })

  test('wakes for records, resumed and added partitions, an ended transaction, close', async () => {
    const { broker, fetcher } = setUp()
    fetcher.add(A0, 0)
    const appended = fetcher.poll(1)
    await Promise.resolve()
    broker.append('a', 0, numbered(1))
    expect((await appended)?.nextOffset).toBe(1)

    fetcher.pause(A0)
    broker.append('a', 0, numbered(1))
    const resumed = fetcher.poll(1)
    await Promise.resolve()
    fetcher.resume(A0)
    expect((await resumed)?.nextOffset).toBe(2)

    broker.append('a', 1, numbered(1))
    const added = fetcher.poll(1)
    await Promise.resolve()
    fetcher.add(A1, 0)
    expect((await added)?.partition).toBe(1)

    const release = broker.holdTransaction('a', 1)
    broker.append('a', 1, numbered(1))
    const released = fetcher.poll(1)
    await Promise.resolve()
    release()
    expect((await released)?.nextOffset).toBe(3)

    const closed = fetcher.poll(1)
    await Promise.resolve()
    await fetcher.close()
    expect(await closed).toBe(null)
  })

  test('fails for a trimmed offset, then takes its turn with the others', async () => {
    const { broker, fetcher } = setUp()
    broker.append('a', 0, numbered(3))
    broker.append('a', 1, numbered(1))
    broker.trim('a', 0, 2)
    fetcher.add(A0, 1)
    fetcher.add(A1, 0)
    await expect(fetcher.poll(0)).rejects.toMatchObject({
      code: 'OFFSET_OUT_OF_RANGE',
      place: { topic: 'a', partition: 0, offset: 1 },
    })
    expect((await fetcher.poll(0))?.partition).toBe(1)
    fetcher.add(A0, 2)
    expect((await fetcher.poll(0))?.nextOffset).toBe(3)
  })
})

describe('transactions', () => {
  test('are read when they are committed, those aborted are stepped over', async () => {
    const { broker, fetcher } = setUp({ bufferBytesMax: 1_000, batchRecordsMax: 10 })
    const aborted = broker.log('a', 0).begin()
    broker.append('a', 0, numbered(1))
    const raw = new RawRecordsBuilder()
    raw.append(null, Buffer.from('aborted'), 0)
    aborted.append(raw.build(), 0)
    fetcher.add(A0, 0)
    expect(await fetcher.poll(0)).toBe(null)
    expect(fetcher.progress(A0)).toEqual({ position: 0, lastStableOffset: 0, highWatermark: 2 })
    aborted.end(false)
    const batch = await fetcher.poll(0)
    expect([[...(batch?.offsets ?? [])], batch?.nextOffset]).toEqual([[0], 3])
    expect(fetcher.progress(A0)).toEqual({ position: 3, lastStableOffset: 3, highWatermark: 3 })
  })
})

test('a client that hangs gets nothing from a poll until it goes on', async () => {
  const { broker, fetcher } = setUp()
  fetcher.add(A0, 0)
  const waiting = fetcher.poll(60_000)
  await new Promise(resolve => setImmediate(resolve))
  const wake = broker.hang('one')
  broker.append('a', 0, numbered(1))
  let isThere = false
  const arrived = waiting.then(batch => {
    isThere = true
    return batch
  })
  await new Promise(resolve => setImmediate(resolve))
  expect(isThere).toBe(false)
  wake()
  expect((await arrived)?.nextOffset).toBe(1)
})

describe('progress', () => {
  const at = (position: number, lastStableOffset: number, highWatermark: number) => ({
    position,
    lastStableOffset,
    highWatermark,
  })

  test('tells open transactions and control records apart', async () => {
    const { broker, fetcher } = setUp()
    broker.append('a', 0, numbered(1))
    const release = broker.holdTransaction('a', 0)
    broker.append('a', 0, numbered(1))
    fetcher.add(A0, 0)
    expect(fetcher.progress(A0)).toBe(null)
    await fetcher.poll(0)
    expect(fetcher.progress(A0)).toEqual(at(1, 1, 2))
    release()
    expect(fetcher.progress(A0)).toEqual(at(1, 3, 3))
    await fetcher.poll(0)
    expect(fetcher.progress(A0)).toEqual(at(3, 3, 3))
  })

  test('is not known while paused, and after until a poll has looked again', async () => {
    const { fetcher } = setUp()
    fetcher.add(A0, 0)
    await fetcher.poll(0)
    expect(fetcher.progress(A0)).toEqual(at(0, 0, 0))
    fetcher.pause(A0)
    expect(fetcher.progress(A0)).toBe(null)
    fetcher.resume(A0)
    expect(fetcher.progress(A0)).toBe(null)
    await fetcher.poll(0)
    expect(fetcher.progress(A0)).toEqual(at(0, 0, 0))
  })

  test('is not known while connections are broken, and until a poll has looked again', async () => {
    const { broker, clock, fetcher } = setUp()
    fetcher.add(A0, 0)
    await fetcher.poll(0)
    const waiting = fetcher.poll(60_000)
    await clock.advance(10)
    broker.breakConnections()
    await expect(waiting).rejects.toMatchObject({ code: 'BROKER_UNREACHABLE', retriable: true })
    expect(fetcher.progress(A0)).toBe(null)
    broker.heal()
    expect(fetcher.progress(A0)).toBe(null)
    await fetcher.poll(0)
    expect(fetcher.progress(A0)).toEqual(at(0, 0, 0))
  })
})
