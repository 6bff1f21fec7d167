/**
 * Questions about transactions: all of one is read, or nothing, in order, and reading goes on
 * behind it.
 *
 * Asked only where `abilities.transactions`. What a broker does after `timeoutMs` is not asked:
 * real ones look at it every ten seconds only.
 */
import { MillraceError } from '../../../errors.ts'
import { numbered, type TransportExam, valuesOf, writeTo } from './exam.ts'
import { askStage, type TransactionStage } from './transaction-stage.ts'

export function testTransactions(exam: TransportExam): void {
  testVisibility(exam)
  testPosition(exam)
  testAbort(exam)
  testOffsets(exam)
  testOrder(exam)
}

function testVisibility(exam: TransportExam): void {
  const { expect } = exam.hooks

  askStage(exam, 'shows records and offsets at the commit, not before', async stage => {
    const { producer, participant } = await stage.client()
    const fetcher = await stage.fetcher([0, 1])
    await stage.write(producer, 3, 0)
    await stage.write(producer, 2, 3, 1)
    await stage.untilLatest(3)
    await stage.untilLatest(2, 1)
    await stage.session.expectSilence(fetcher)
    expect(await participant.member.committed(stage.offset(0))).toEqual([])
    await producer.commit(stage.offset(7, 'in it'), participant.member)
    expect(await participant.member.committed(stage.offset(0))).toEqual(stage.offset(7, 'in it'))
    const read = await stage.session.read(fetcher, 5)
    const of = (partition: number) => read.filter(record => record.partition === partition)
    expect(of(0).map(({ offset }) => offset)).toEqual([0, 1, 2])
    expect(valuesOf(of(0))).toEqual(['0', '1', '2'])
    expect(of(1).map(({ offset }) => offset)).toEqual([0, 1])
    expect(valuesOf(of(1))).toEqual(['3', '4'])
    await stage.session.expectSilence(fetcher)
  })

  askStage(exam, 'tells where its own records end, where it can tell', async stage => {
    const producer = await stage.producer()
    const end = (): number | null | undefined =>
      producer.endOf?.({ topic: stage.output.name, partition: 0 })
    const ends = [end()]
    for (const count of [3, 2]) {
      await stage.write(producer, count, 0)
      await producer.commit([], null)
      ends.push(end())
    }
    // The control record of the first is between.
    if (producer.endOf !== undefined) expect(ends).toEqual([null, 3, 6])
  })

  askStage(exam, 'never shows the records of an aborted transaction', async stage => {
    const producer = await stage.producer()
    for (const partition of [0, 1]) await stage.write(producer, 3, 0, partition)
    await stage.untilLatest(3)
    await producer.abort()
    for (const partition of [0, 1]) await stage.write(producer, 1, 10, partition)
    await producer.commit([], null)
    const fetcher = await stage.fetcher([0, 1])
    expect(valuesOf(await stage.session.read(fetcher, 2))).toEqual(['10', '10'])
    await stage.session.expectSilence(fetcher)
  })
}

function testPosition(exam: TransportExam): void {
  const { expect } = exam.hooks

  askStage(exam, 'has its position behind the control record of a commit', async stage => {
    const { producer, participant } = await stage.client()
    const fetcher = await stage.fetcher()
    await stage.write(producer, 2, 0)
    await producer.commit([], participant.member)
    await stage.session.read(fetcher, 2)
    await expectAtEnd(stage, fetcher, 3)
    await stage.write(producer, 1, 2)
    await producer.commit([], participant.member)
    const [record] = await stage.session.read(fetcher, 1)
    expect(record?.offset).toBe(3)
    await expectAtEnd(stage, fetcher, 5)
  })

  askStage(exam, 'has its position behind aborted records when nothing follows', async stage => {
    const producer = await stage.producer()
    const fetcher = await stage.fetcher()
    await stage.write(producer, 2, 0)
    await stage.untilLatest(2)
    await producer.abort()
    await expectAtEnd(stage, fetcher, 3)
    await stage.session.write(stage.transport, stage.output.name, 0, numbered(1, 2))
    const [record] = await stage.session.read(fetcher, 1)
    expect(record?.offset).toBe(3)
  })

  askStage(exam, 'tells the high watermark from what can be read', async stage => {
    const producer = await stage.producer()
    const partition = { topic: stage.output.name, partition: 0 }
    await stage.session.write(stage.transport, stage.output.name, 0, numbered(1))
    const fetcher = await stage.fetcher()
    await stage.session.read(fetcher, 1)
    await stage.write(producer, 1, 1)
    await stage.untilLatest(2)
    await stage.session.until('progress shows the open transaction', async () => {
      expect(await fetcher.poll(exam.silenceMs)).toBe(null)
      return fetcher.progress(partition)?.highWatermark === 2
    })
    const progress = { position: 1, lastStableOffset: 1, highWatermark: 2 }
    expect(fetcher.progress(partition)).toEqual(progress)
    await producer.abort()
    await expectAtEnd(stage, fetcher, 3)
  })
}

function testAbort(exam: TransportExam): void {
  const { expect } = exam.hooks

  // librdkafka makes an abort fatal that comes before anything was sent: it must flush first.
  askStage(exam, 'aborts right after a write, again and again, and goes on', async stage => {
    const { producer, participant } = await stage.client()
    for (let i = 0; i < 5; i++) {
      await stage.write(producer, 2, i * 2)
      await producer.abort()
    }
    await stage.write(producer, 1, 100)
    await producer.commit(stage.offset(1), participant.member)
    const fetcher = await stage.fetcher()
    expect(valuesOf(await stage.session.read(fetcher, 1))).toEqual(['100'])
    await stage.session.expectSilence(fetcher)
  })

  askStage(exam, 'has no trouble with an abort of nothing', async stage => {
    const { producer, participant } = await stage.client()
    await producer.abort()
    await stage.write(producer, 1, 0)
    await producer.commit([], participant.member)
    await producer.abort()
    await producer.abort()
    const fetcher = await stage.fetcher()
    expect(valuesOf(await stage.session.read(fetcher, 1))).toEqual(['0'])
  })

  askStage(exam, 'fails the commit when a record was not written, until the abort', async stage => {
    const { producer, participant } = await stage.client()
    await stage.write(producer, 1, 0)
    await stage.write(producer, 1, 1, 1_000).catch(onlyDeliveryFailed)
    const commit = () => producer.commit(stage.offset(9), participant.member)
    expect(await stage.session.failureOf(commit)).toBe('DELIVERY_FAILED')
    expect(await stage.session.failureOf(commit)).toBe('DELIVERY_FAILED')
    await producer.abort()
    expect(await participant.member.committed(stage.offset(0))).toEqual([])
    await stage.write(producer, 1, 2)
    await producer.commit(stage.offset(3), participant.member)
    const fetcher = await stage.fetcher()
    expect(valuesOf(await stage.session.read(fetcher, 1))).toEqual(['2'])
    expect(await participant.member.committed(stage.offset(0))).toEqual(stage.offset(3))
  })
}

function testOffsets(exam: TransportExam): void {
  const { expect } = exam.hooks

  askStage(exam, 'commits offsets without records, each time', async stage => {
    const { producer, participant } = await stage.client()
    for (const offset of [1, 2, 2, 1]) {
      const commit = stage.offset(offset, `epoch ${offset}`)
      await producer.commit(commit, participant.member)
      expect(await participant.member.committed(commit)).toEqual(commit)
    }
  })

  askStage(exam, 'commits offsets of topics that the group does not read together', async stage => {
    const { producer, participant } = await stage.client()
    const others = [0, 1].map(partition => {
      return { topic: stage.output.name, partition, offset: 40 + partition, metadata: 'beside' }
    })
    await stage.write(producer, 1, 0)
    await producer.commit([...stage.offset(1), ...others], participant.member)
    const committed = await participant.member.committed(others)
    expect([...committed].sort((a, b) => a.partition - b.partition)).toEqual(others)
  })
}

function testOrder(exam: TransportExam): void {
  const { expect } = exam.hooks

  askStage(exam, 'keeps the order of many transactions in each partition', async stage => {
    const { producer, participant } = await stage.client()
    const expected: string[] = []
    for (let nth = 0; nth < 9; nth++) {
      for (let i = 0; i < 4; i++) {
        const from = nth * 100 + i * 10
        for (const partition of [0, 1]) await stage.write(producer, 10, from, partition)
      }
      if (nth % 3 === 1) await producer.abort()
      else await producer.commit(stage.offset(nth), participant.member)
      if (nth % 3 !== 1) expected.push(...valuesOf(numbered(40, nth * 100)))
    }
    const fetcher = await stage.fetcher([0, 1])
    const read = await stage.session.read(fetcher, expected.length * 2)
    for (const partition of [0, 1]) {
      expect(valuesOf(read.filter(record => record.partition === partition))).toEqual(expected)
    }
  })

  askStage(exam, 'keeps producers apart that write to one partition', async stage => {
    const [one, two] = [await stage.producer(1), await stage.producer(2)]
    const { member } = await stage.member()
    const plain = await stage.transport.createProducer()
    const writePlain = async (from: number): Promise<void> => {
      await writeTo(plain, stage.output.name, 0, numbered(1, from))
      await plain.flush()
    }
    const fetcher = await stage.fetcher()
    await stage.write(one, 1, 10)
    await stage.untilLatest(1)
    await writePlain(0)
    await stage.write(two, 1, 20)
    await stage.untilLatest(3)
    await two.commit([], member)
    // The transaction of the first is open: nothing behind its first record can be read.
    await stage.session.expectSilence(fetcher)
    await stage.write(one, 1, 11)
    await writePlain(1)
    await one.commit([], member)
    const read = await stage.session.read(fetcher, 5)
    const before = (a: string, b: string): boolean => {
      return valuesOf(read).indexOf(a) < valuesOf(read).indexOf(b)
    }
    expect(valuesOf(read).sort()).toEqual(['0', '1', '10', '11', '20'])
    expect([before('10', '0'), before('0', '20'), before('20', '1')]).toEqual([true, true, true])
    expect(before('20', '11')).toBe(true)
    const end = await stage.latest()
    await stage.write(one, 1, 12)
    await stage.untilLatest(end + 1)
    await writePlain(2)
    await stage.session.expectSilence(fetcher)
    await one.abort()
    expect(valuesOf(await stage.session.read(fetcher, 1))).toEqual(['2'])
  })
}

/** A transport may refuse a record at once when it knows the partition is not there. */
function onlyDeliveryFailed(error: unknown): void {
  if (!MillraceError.is(error) || error.code !== 'DELIVERY_FAILED') throw error
}

/** Waits until all up to `end`, the end of the log, was read or stepped over. */
async function expectAtEnd(
  stage: TransactionStage,
  fetcher: Awaited<ReturnType<TransactionStage['fetcher']>>,
  end: number,
): Promise<void> {
  const { exam, session, output } = stage
  const partition = { topic: output.name, partition: 0 }
  await session.until(`the position is at ${end}`, async () => {
    exam.expect(await fetcher.poll(exam.silenceMs)).toBe(null)
    return (fetcher.progress(partition)?.position ?? -1) >= end
  })
  exam.expect(fetcher.progress(partition)).toEqual({
    position: end,
    lastStableOffset: end,
    highWatermark: end,
  })
  exam.expect(await stage.latest()).toBe(end)
}
