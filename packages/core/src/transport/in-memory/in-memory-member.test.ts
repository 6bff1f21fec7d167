import { expect, test } from 'vitest'
import type { TopicPartition } from '../../record/topic-partition.ts'
import type { GroupMember } from '../transport.ts'
import { InMemoryBroker } from './in-memory-broker.ts'
import { joinGroup, membershipOf } from './in-memory-member.ts'

const A0 = { topic: 'a', partition: 0 }
const COMMIT = { ...A0, offset: 5, metadata: '' }

async function setUp() {
  const broker = new InMemoryBroker()
  broker.createTopic('a')
  const heard: string[] = []
  const join = (clientId: string, onAssigned = () => {}) => {
    const note = (what: string, partitions: readonly TopicPartition[]) =>
      heard.push(`${clientId} ${what} ${partitions.length}`)
    return joinGroup(broker, broker.connect('x', clientId), {
      groupId: 'g',
      topics: ['a'],
      onAssigned: partitions => {
        note('+', partitions)
        onAssigned()
      },
      onRevoked: async partitions => void note('-', partitions),
      onLost: partitions => void note('lost', partitions),
      onError: error => heard.push(`${clientId} ! ${error.message}`),
    })
  }
  const member = await join('one')
  await rest()
  return { broker, heard, join, member }
}

async function rest(): Promise<void> {
  for (let i = 0; i < 10; i++) await new Promise(resolve => setImmediate(resolve))
}

test('a member that hangs hears what happened when it goes on, and comes back then', async () => {
  const { broker, heard } = await setUp()
  const wake = broker.hang('one')
  broker.expelClient('one')
  await rest()
  expect([heard, broker.members('g')]).toEqual([['one + 1'], []])
  wake()
  await rest()
  expect(heard).toEqual(['one + 1', 'one lost 1', 'one + 1'])
  expect(broker.members('g').length).toBe(1)
})

test('a member that hangs holds up a rebalance until it goes on', async () => {
  const { broker, heard, join } = await setUp()
  broker.createTopic('b')
  broker.addPartitions('a', 1)
  await rest()
  const wake = broker.hang('one')
  await join('two')
  await rest()
  expect(heard).toEqual(['one + 1', 'one + 1'])
  wake()
  await rest()
  expect(heard.slice(2)).toEqual(['one - 1', 'two + 1'])
})

test('a member that was expelled while it gave up partitions only hears they are lost', async () => {
  const { broker, heard, join } = await setUp()
  broker.addPartitions('a', 1)
  await rest()
  const wake = broker.hang('one')
  await join('two')
  await rest()
  broker.expelClient('one', { comesBack: false })
  await rest()
  wake()
  await rest()
  expect(heard.slice(2)).toEqual(['two + 2', 'one lost 2'])
})

test('a failing onAssigned is told to onError, also when it was told late', async () => {
  const { broker, heard, join } = await setUp()
  const fail = () => {
    throw new Error('no room')
  }
  broker.expelClient('one', { comesBack: false })
  await join('two', fail)
  const wake = broker.hang('two')
  await rest()
  wake()
  await rest()
  expect(heard.slice(2)).toEqual(['two + 1', 'two ! no room'])
})

test('a client that connects anew under its name takes the place of the one before', async () => {
  const { broker, heard, join, member } = await setUp()
  broker.hang('one')
  await join('one')
  await rest()
  expect(heard).toEqual(['one + 1', 'one + 1'])
  expect(broker.members('g').length).toBe(1)
  expect(membershipOf(member).membership.isIn).toBe(false)
})

test('committed waits while a transaction holds what it is asked for, and only that', async () => {
  const { broker, member } = await setUp()
  const decide = broker.group('g').offsets.hold([COMMIT])
  expect(await member.committed([{ ...A0, partition: 1 }])).toEqual([])
  let answer: unknown = null
  const asked = member.committed([A0]).then(commits => (answer = commits))
  broker.append('a', 0, [{}])
  await rest()
  expect(answer).toBe(null)
  decide(true)
  broker.changes.notify()
  await asked
  expect(answer).toEqual([COMMIT])
})

test('a commit sent before a rebalance and come after it is refused', async () => {
  const { broker, join, member } = await setUp()
  let arrive = (): void => {}
  broker.faults.before('commit', () => new Promise<void>(resolve => (arrive = resolve)))
  const late = member.commit([COMMIT])
  await join('two')
  await rest()
  arrive()
  await expect(late).rejects.toMatchObject({ code: 'BROKER_REFUSED', retriable: true })
  await member.commit([COMMIT])
})

test('a member keeps its identity when it is wrapped; a stranger has none', async () => {
  const { member } = await setUp()
  expect(membershipOf({ ...member }).membership.id).toBe('g-1')
  const stranger: GroupMember = { committed: async () => [], commit: async () => {}, leave: rest }
  expect(() => membershipOf(stranger)).toThrow('INTERNAL')
})
