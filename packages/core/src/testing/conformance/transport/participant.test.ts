import { expect, test } from 'vitest'
import { InMemoryBroker } from '../../../transport/in-memory/in-memory-broker.ts'
import { inMemory } from '../../../transport/in-memory/in-memory-transport.ts'
import { Participant } from './participant.ts'

test('a participant notes what it owns, what was revoked and what was lost', async () => {
  const broker = new InMemoryBroker()
  broker.createTopic('a', 2)
  const log = { info: () => {}, warn: () => {} }
  const transport = inMemory(broker).create({ applicationId: 'x', log })
  const [one, two] = [new Participant(), new Participant()]
  expect(() => one.member).toThrow('has not joined')
  const before: number[] = []
  one.beforeRevoked = async partitions => void before.push(...partitions.map(p => p.partition))
  await one.join(transport, 'g', ['a'])
  await expect.poll(() => [...one.owned]).toEqual(['a/0', 'a/1'])
  await two.join(transport, 'g', ['a'])
  await expect.poll(() => [...two.owned]).toEqual(['a/1'])
  expect([[...one.owned], one.revoked, before]).toEqual([['a/0'], ['a/1'], [1]])
  const [first] = broker.members('g')
  broker.expel('g', first ?? '', { comesBack: false })
  expect([[...one.owned], one.revoked, one.errors]).toEqual([[], ['a/1'], []])
})
