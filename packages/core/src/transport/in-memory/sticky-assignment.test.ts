import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { partitionName, type TopicPartition } from '../../record/topic-partition.ts'
import { type AssignableMember, assignPartitions } from './sticky-assignment.ts'

function partitionsOf(topic: string, count: number): TopicPartition[] {
  return Array.from({ length: count }, (_, partition) => ({ topic, partition }))
}

function namesOf(shares: readonly (readonly TopicPartition[])[]): string[][] {
  return shares.map(share => share.map(p => partitionName(p.topic, p.partition)))
}

const reader = (owned: TopicPartition[] = []): AssignableMember => ({ topics: ['a'], owned })

describe('partitions', () => {
  test('are shared evenly by new members, the first one first', () => {
    const shares = assignPartitions([reader(), reader()], partitionsOf('a', 3))
    expect(namesOf(shares)).toEqual([['a/0', 'a/2'], ['a/1']])
  })

  test('move to a new member only as far as balance needs it', () => {
    const shares = assignPartitions([reader(partitionsOf('a', 4)), reader()], partitionsOf('a', 4))
    expect(namesOf(shares)).toEqual([
      ['a/0', 'a/1'],
      ['a/3', 'a/2'],
    ])
  })

  test('go only to members that read their topic', () => {
    const members = [reader(), { topics: ['b'], owned: [] }]
    const partitions = [...partitionsOf('a', 3), ...partitionsOf('b', 1), ...partitionsOf('c', 1)]
    expect(namesOf(assignPartitions(members, partitions))).toEqual([['a/0', 'a/1', 'a/2'], ['b/0']])
  })

  test('that are no more, or of a topic no longer read, are dropped', () => {
    const members = [{ topics: ['a'], owned: [...partitionsOf('a', 4), ...partitionsOf('b', 1)] }]
    const shares = assignPartitions(members, [...partitionsOf('a', 2), ...partitionsOf('b', 1)])
    expect(namesOf(shares)).toEqual([['a/0', 'a/1']])
  })

  test('nobody is there for stay without owner', () => {
    expect(assignPartitions([], partitionsOf('a', 2))).toEqual([])
  })
})

test('law: each partition once, shares differ by one at most, balanced groups keep theirs', () => {
  fc.assert(
    fc.property(fc.nat(20), fc.array(fc.nat(30), { minLength: 1, maxLength: 6 }), (count, owns) => {
      const partitions = partitionsOf('a', count)
      const rest = [...partitions]
      const members = owns.map(n => reader(rest.splice(0, n)))
      const shares = assignPartitions(members, partitions)
      const sizes = shares.map(share => share.length)
      expect(namesOf(shares).flat().sort()).toEqual(namesOf([partitions]).flat().sort())
      expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThan(2)
      const again = assignPartitions(shares.map(reader), partitions)
      expect(again).toEqual(shares)
    }),
  )
})
