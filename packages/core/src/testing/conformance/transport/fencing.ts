/**
 * Questions about fencing: who was replaced can commit nothing any more.
 *
 * Two ways lead there. A producer is replaced by one of the same transactional id; a member by
 * those who share its partitions. A refused commit leaves no record, no offset and nothing open
 * behind.
 */
import { numbered, type TransportExam, valuesOf } from './exam.ts'
import { askStage } from './transaction-stage.ts'

export function testFencing(exam: TransportExam): void {
  testProducers(exam)
  testMembers(exam)
}

function testProducers(exam: TransportExam): void {
  const { expect } = exam.hooks

  askStage(exam, 'fences the producer that had the transactional id before', async stage => {
    const { producer: first, participant } = await stage.client()
    await stage.write(first, 2, 0)
    await stage.untilLatest(2)
    const second = await stage.producer(0, await stage.session.open())
    const commit = () => first.commit(stage.offset(9), participant.member)
    expect(await stage.session.failureOf(commit)).toBe('FENCED')
    expect(await stage.session.failureOf(commit)).toBe('FENCED')
    await first.close()
    expect(await participant.member.committed(stage.offset(0))).toEqual([])
    await stage.write(second, 1, 10)
    await second.commit(stage.offset(1), participant.member)
    const fetcher = await stage.fetcher()
    expect(valuesOf(await stage.session.read(fetcher, 1))).toEqual(['10'])
    await stage.session.expectSilence(fetcher)
    expect(await participant.member.committed(stage.offset(0))).toEqual(stage.offset(1))
  })

  askStage(exam, 'fences a producer that was idle, in records and in offsets', async stage => {
    const participant = await stage.member()
    for (const hasRecords of [true, false]) {
      const first = await stage.producer()
      const second = await stage.producer(0, await stage.session.open())
      const commit = async (): Promise<void> => {
        if (hasRecords) await stage.write(first, 1, 0)
        await first.commit(stage.offset(9), participant.member)
      }
      expect(await stage.session.failureOf(commit)).toBe('FENCED')
      await first.close()
      await second.close()
    }
    expect(await participant.member.committed(stage.offset(0))).toEqual([])
    await stage.session.expectSilence(await stage.fetcher())
  })

  askStage(exam, 'leaves producers of other ids alone', async stage => {
    const participant = await stage.member()
    const first = await stage.producer(1)
    await stage.write(first, 1, 0)
    await stage.producer(2)
    await first.commit([], participant.member)
    expect(valuesOf(await stage.session.read(await stage.fetcher(), 1))).toEqual(['0'])
  })

  askStage(
    exam,
    'takes over what a closed producer had open, so that it holds up nobody',
    async s => {
      const first = await s.producer()
      await s.write(first, 1, 0)
      await s.untilLatest(1)
      await first.close()
      await first.close()
      await s.producer()
      await s.session.write(s.transport, s.output.name, 0, numbered(1, 1))
      expect(valuesOf(await s.session.read(await s.fetcher(), 1))).toEqual(['1'])
    },
  )
}

function testMembers(exam: TransportExam): void {
  const { expect } = exam.hooks

  askStage(exam, 'refuses a member that is out of its group, with records and without', async s => {
    const zombie = await s.member()
    await zombie.member.commit(s.offset(1))
    await zombie.member.leave()
    const heir = await s.member(await s.session.open())
    const producer = await s.producer()
    for (const hasRecords of [false, true]) {
      if (hasRecords) await s.write(producer, 1, 0)
      const commit = () => producer.commit(s.offset(9), zombie.member)
      expect(await s.session.failureOf(commit)).toBe('FENCED')
      await producer.abort()
    }
    expect(await heir.member.committed(s.offset(0))).toEqual(s.offset(1))
    // The producer itself was not fenced.
    await s.write(producer, 1, 1)
    await producer.commit(s.offset(2), heir.member)
    expect(await heir.member.committed(s.offset(0))).toEqual(s.offset(2))
    const fetcher = await s.fetcher()
    expect(valuesOf(await s.session.read(fetcher, 1))).toEqual(['1'])
    await s.session.expectSilence(fetcher)
  })
}
