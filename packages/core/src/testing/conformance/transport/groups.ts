/**
 * Questions about membership: who owns what, and that committed offsets go with it.
 *
 * What a runtime stands on: a partition has one owner at a time, and what the old owner commits in
 * `onRevoked` is what the new owner sees.
 */
import { partitionName, type TopicPartition } from '../../../record/topic-partition.ts'
import type { OffsetCommit } from '../../../transport/transport.ts'
import type { ExamTopic, TransportExam } from './exam.ts'
import { Participant } from './participant.ts'

/** The longest metadata the contract allows. */
const LONG_METADATA = 'v1:AZaz09+/= {}"'.repeat(200).slice(0, 3_000)

export function testGroups(exam: TransportExam): void {
  testCommits(exam)
  testHandover(exam)
}

function testCommits(exam: TransportExam): void {
  const { expect } = exam.hooks

  exam.ask('keeps committed offsets with their metadata for the next member', async session => {
    const transport = await session.open()
    const topic = await session.topic(transport, 4)
    const groupId = exam.newName('group')
    const first = new Participant()
    await first.join(transport, groupId, [topic.name])
    await session.until('all is assigned', () => first.owned.size === topic.partitionCount)
    expect([...first.owned].sort()).toEqual(namesOf(topic))
    const commits = [
      { topic: topic.name, partition: 0, offset: 42, metadata: LONG_METADATA },
      { topic: topic.name, partition: 1, offset: 0, metadata: '' },
    ]
    expect(await first.member.committed(partitionsOf(topic))).toEqual([])
    await first.member.commit(commits)
    expect(byPartition(await first.member.committed(partitionsOf(topic)))).toEqual(commits)
    await first.member.leave()

    const second = new Participant()
    await second.join(await session.open(), groupId, [topic.name])
    await session.until('all is assigned', () => second.owned.size === topic.partitionCount)
    expect(byPartition(await second.member.committed(partitionsOf(topic)))).toEqual(commits)
    expect([...first.errors, ...second.errors]).toEqual([])
  })

  exam.ask('keeps the offsets of groups apart', async session => {
    const transport = await session.open()
    const topic = await session.topic(transport)
    const members = [new Participant(), new Participant()] as const
    for (const member of members) await member.join(transport, exam.newName('group'), [topic.name])
    const isAssigned = ({ owned }: Participant): boolean => owned.size === topic.partitionCount
    await session.until('both own all of the topic', () => members.every(isAssigned))
    const commit = { topic: topic.name, partition: 0, offset: 5, metadata: 'mine' }
    await members[0].member.commit([commit])
    expect(await members[0].member.committed([commit])).toEqual([commit])
    expect(await members[1].member.committed([commit])).toEqual([])
  })

  exam.ask('refuses a commit of a member that has left', async session => {
    const transport = await session.open()
    const topic = await session.topic(transport)
    const participant = new Participant()
    await participant.join(transport, exam.newName('group'), [topic.name])
    await session.until('all is assigned', () => participant.owned.size === topic.partitionCount)
    await participant.member.leave()
    await participant.member.leave()
    expect(participant.revoked).toEqual([])
    const late = { topic: topic.name, partition: 0, offset: 5, metadata: '' }
    const commit = (): Promise<void> => participant.member.commit([late])
    expect(await session.codeOf('a late commit fails', commit)).toBe('BROKER_REFUSED')
  })
}

function testHandover(exam: TransportExam): void {
  const { expect } = exam.hooks

  exam.ask(
    'shares partitions between members; what onRevoked commits goes along',
    async session => {
      const transport = await session.open()
      const topic = await session.topic(transport, 4)
      const groupId = exam.newName('group')
      const first = new Participant()
      first.beforeRevoked = partitions =>
        first.member.commit(partitions.map(p => ({ ...p, offset: 7, metadata: 'handed over' })))
      await first.join(transport, groupId, [topic.name])
      await session.until('one member owns all', () => first.owned.size === topic.partitionCount)

      const second = new Participant()
      await second.join(await session.open(), groupId, [topic.name])
      await session.until('both own a part', () => isShared(topic, first, second))
      expect([...first.owned, ...second.owned].sort()).toEqual(namesOf(topic))
      const owned = partitionsOf(topic).filter(p => second.owned.has(nameOf(p)))
      const expected = owned.map(p => ({ ...p, offset: 7, metadata: 'handed over' }))
      expect(byPartition(await second.member.committed(owned))).toEqual(expected)

      await second.member.leave()
      await session.until('the first owns all again', () => {
        return first.owned.size === topic.partitionCount
      })
      expect(second.revoked).toEqual([])
      expect([...first.errors, ...second.errors]).toEqual([])
    },
  )

  exam.ask('waits for onRevoked before a partition gets a new owner', async session => {
    const transport = await session.open()
    const topic = await session.topic(transport, 2)
    const groupId = exam.newName('group')
    const first = new Participant()
    const second = new Participant()
    let takenMeanwhile: string[] = []
    first.beforeRevoked = async partitions => {
      await new Promise(resolve => setTimeout(resolve, exam.silenceMs))
      takenMeanwhile = partitions.map(nameOf).filter(name => second.owned.has(name))
    }
    await first.join(transport, groupId, [topic.name])
    await session.until('one member owns all', () => first.owned.size === topic.partitionCount)
    await second.join(await session.open(), groupId, [topic.name])
    await session.until('both own a part', () => isShared(topic, first, second))
    expect(takenMeanwhile).toEqual([])
  })

  exam.ask('leaves the group when the transport is closed', async session => {
    const topic = await session.topic(await session.open(), 2)
    const groupId = exam.newName('group')
    const transport = await session.open()
    const first = new Participant()
    await first.join(transport, groupId, [topic.name])
    await session.until('one member owns all', () => first.owned.size === topic.partitionCount)
    await transport.close()
    const second = new Participant()
    await second.join(await session.open(), groupId, [topic.name])
    await session.until('the other owns all', () => second.owned.size === topic.partitionCount)
    expect(second.errors).toEqual([])
  })
}

function isShared(topic: ExamTopic, first: Participant, second: Participant): boolean {
  const isBoth = first.owned.size > 0 && second.owned.size > 0
  return isBoth && first.owned.size + second.owned.size === topic.partitionCount
}

function partitionsOf({ name, partitionCount }: ExamTopic): TopicPartition[] {
  return Array.from({ length: partitionCount }, (_, partition) => ({ topic: name, partition }))
}

function nameOf({ topic, partition }: TopicPartition): string {
  return partitionName(topic, partition)
}

function namesOf(topic: ExamTopic): string[] {
  return partitionsOf(topic).map(nameOf).sort()
}

function byPartition(commits: readonly OffsetCommit[]): OffsetCommit[] {
  return [...commits].sort((a, b) => a.partition - b.partition)
}
