/**
 * Questions about reading: order, limits, fairness, progress.
 *
 * The hardest one for an implementation: no record of a partition comes out of `poll` after
 * `pause` or `remove` was called, also not from an answer that was under way.
 */
import type { Fetcher, Transport } from '../../../transport/transport.ts'
import { type ExamSession, numbered, readRecords, type TransportExam, valuesOf } from './exam.ts'

export function testFetching(exam: TransportExam): void {
  testReading(exam)
  testPause(exam)
  testRemove(exam)
  testProgress(exam)
  testFaults(exam)
}

function testReading(exam: TransportExam): void {
  const { expect } = exam.hooks

  exam.ask('reads from the offset it is told', async session => {
    const { fetcher, topic } = await setUp(session, [10])
    fetcher.add({ topic, partition: 0 }, 7)
    expect(valuesOf(await session.read(fetcher, 3))).toEqual(['7', '8', '9'])
    await session.expectSilence(fetcher)
  })

  exam.ask('gives at most batchRecordsMax records at once, without gaps', async session => {
    const { transport, topic } = await setUp(session, [50])
    const fetcher = await session.fetcher(transport, { batchRecordsMax: 7 })
    fetcher.add({ topic, partition: 0 }, 0)
    const values: string[] = []
    let next = 0
    await session.until('50 records are read', async () => {
      const batch = await fetcher.poll(exam.silenceMs)
      if (batch === null) return false
      const records = readRecords(batch)
      expect(records.length > 0 && records.length <= 7).toBe(true)
      expect(records[0]?.offset).toBe(next)
      next = batch.nextOffset
      values.push(...valuesOf(records))
      return values.length >= 50
    })
    expect(values).toEqual(valuesOf(numbered(50)))
  })

  exam.ask('waits for records to come', async session => {
    const { transport, fetcher, topic } = await setUp(session, [0])
    fetcher.add({ topic, partition: 0 }, 0)
    await session.expectSilence(fetcher)
    const waiting = fetcher.poll(exam.timeoutMs)
    await session.write(transport, topic, 0, numbered(1))
    const batch = await waiting
    expect(batch === null ? [] : valuesOf(readRecords(batch))).toEqual(['0'])
  })

  exam.ask('reads two partitions in turn, each in order', async session => {
    const { transport, topic } = await setUp(session, [0, 0])
    const big = numbered(5_000).map(record => ({
      ...record,
      value: Buffer.from(`${record.value} `.padEnd(1_000, '.')),
    }))
    for (const partition of [0, 1]) await session.write(transport, topic, partition, big)
    const options = { batchRecordsMax: 50, bufferBytesMax: 1 << 19 }
    const fetcher = await session.fetcher(transport, options)
    for (const partition of [0, 1]) fetcher.add({ topic, partition }, 0)
    const batches = [0, 0]
    await session.until('both partitions have given batches', async () => {
      const partition = (await fetcher.poll(exam.silenceMs))?.partition
      if (partition !== undefined) batches[partition]!++
      return Math.min(...batches) > 0
    })
    batches.fill(0)
    await session.until('40 batches more have come', async () => {
      const partition = (await fetcher.poll(exam.silenceMs))?.partition
      if (partition !== undefined) batches[partition]!++
      return batches[0]! + batches[1]! === 40
    })
    expect(Math.min(...batches) >= 8).toBe(true)
  })
}

function testPause(exam: TransportExam): void {
  const { expect } = exam.hooks

  exam.ask('gives nothing of a paused partition, and all of it afterwards', async session => {
    const { transport, topic } = await setUp(session, [100])
    const fetcher = await session.fetcher(transport, { batchRecordsMax: 10 })
    const partition = { topic, partition: 0 }
    fetcher.add(partition, 0)
    const before = await session.readSome(fetcher)
    fetcher.pause(partition)
    await session.expectSilence(fetcher)
    expect(fetcher.progress(partition)).toBe(null)
    fetcher.resume(partition)
    const after = await session.read(fetcher, 100 - before.length)
    expect(valuesOf([...before, ...after])).toEqual(valuesOf(numbered(100)))
  })

  exam.ask('honours a pause during a poll', async session => {
    const { fetcher, topic } = await setUp(session, [5])
    const partition = { topic, partition: 0 }
    fetcher.add(partition, 0)
    const underWay = fetcher.poll(exam.silenceMs)
    fetcher.pause(partition)
    expect(await underWay).toBe(null)
    fetcher.resume(partition)
    expect(valuesOf(await session.read(fetcher, 5))).toEqual(valuesOf(numbered(5)))
  })

  exam.ask('goes on with the other partitions while one is paused', async session => {
    const { fetcher, topic } = await setUp(session, [5, 5])
    fetcher.add({ topic, partition: 0 }, 0)
    fetcher.add({ topic, partition: 1 }, 0)
    fetcher.pause({ topic, partition: 0 })
    const read = await session.read(fetcher, 5)
    expect(read.map(({ partition }) => partition)).toEqual([1, 1, 1, 1, 1])
    await session.expectSilence(fetcher)
  })
}

function testRemove(exam: TransportExam): void {
  const { expect } = exam.hooks

  exam.ask('gives nothing of a removed partition, also during a poll', async session => {
    const { fetcher, topic } = await setUp(session, [5])
    const partition = { topic, partition: 0 }
    fetcher.add(partition, 0)
    const underWay = fetcher.poll(exam.silenceMs)
    fetcher.remove(partition)
    expect(await underWay).toBe(null)
    await session.expectSilence(fetcher)
    expect(fetcher.progress(partition)).toBe(null)
  })

  exam.ask('starts a partition anew where it is added again', async session => {
    const { transport, topic } = await setUp(session, [100])
    const fetcher = await session.fetcher(transport, { batchRecordsMax: 10 })
    const partition = { topic, partition: 0 }
    fetcher.add(partition, 0)
    await session.readSome(fetcher)
    fetcher.remove(partition)
    fetcher.add(partition, 50)
    expect(valuesOf(await session.read(fetcher, 50))).toEqual(valuesOf(numbered(50, 50)))
    fetcher.remove(partition)
    fetcher.add(partition, 98)
    expect(valuesOf(await session.read(fetcher, 2))).toEqual(['98', '99'])
  })
}

function testProgress(exam: TransportExam): void {
  const { expect } = exam.hooks

  exam.ask('shows in its progress that everything was read', async session => {
    const { transport, topic } = await setUp(session, [5])
    const fetcher = await session.fetcher(transport, { batchRecordsMax: 2 })
    const partition = { topic, partition: 0 }
    expect(fetcher.progress(partition)).toBe(null)
    fetcher.add(partition, 0)
    const first = await session.readSome(fetcher)
    expect(fetcher.progress(partition)?.position ?? first.length).toBe(first.length)
    await session.read(fetcher, 5 - first.length)
    await session.until('progress is at the end', async () => {
      expect(await fetcher.poll(exam.silenceMs)).toBe(null)
      return fetcher.progress(partition) !== null
    })
    const end = { position: 5, lastStableOffset: 5, highWatermark: 5 }
    expect(fetcher.progress(partition)).toEqual(end)
  })

  exam.ask('knows of an empty partition that it is empty', async session => {
    const { fetcher, topic } = await setUp(session, [0])
    fetcher.add({ topic, partition: 0 }, 0)
    await session.until('progress is known', async () => {
      expect(await fetcher.poll(exam.silenceMs)).toBe(null)
      return fetcher.progress({ topic, partition: 0 }) !== null
    })
    const end = { position: 0, lastStableOffset: 0, highWatermark: 0 }
    expect(fetcher.progress({ topic, partition: 0 })).toEqual(end)
  })
}

function testFaults(exam: TransportExam): void {
  const { expect } = exam.hooks

  exam.ask('says TOPIC_MISSING when the topic is not there', async session => {
    const transport = await session.open()
    const fetcher = await session.fetcher(transport)
    fetcher.add({ topic: exam.newName('missing'), partition: 0 }, 0)
    const poll = (): Promise<unknown> => fetcher.poll(exam.silenceMs)
    expect(await session.codeOf('poll of a missing topic fails', poll)).toBe('TOPIC_MISSING')
  })

  exam.ask('says OFFSET_OUT_OF_RANGE, and reads the others afterwards', async session => {
    const { fetcher, topic } = await setUp(session, [3, 3])
    fetcher.add({ topic, partition: 0 }, 1_000)
    const poll = (): Promise<unknown> => fetcher.poll(exam.silenceMs)
    expect(await session.codeOf('poll out of range fails', poll)).toBe('OFFSET_OUT_OF_RANGE')
    fetcher.remove({ topic, partition: 0 })
    fetcher.add({ topic, partition: 1 }, 0)
    expect(valuesOf(await session.read(fetcher, 3))).toEqual(['0', '1', '2'])
  })
}

/** A topic whose first partitions hold this many numbered records. */
async function setUp(
  session: ExamSession,
  counts: readonly number[],
): Promise<{ transport: Transport; fetcher: Fetcher; topic: string }> {
  const transport = await session.open()
  const { name } = await session.topic(transport, counts.length)
  for (const [partition, count] of counts.entries()) {
    if (count > 0) await session.write(transport, name, partition, numbered(count))
  }
  return { transport, fetcher: await session.fetcher(transport), topic: name }
}
