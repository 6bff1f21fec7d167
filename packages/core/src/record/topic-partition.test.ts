import { expect, test } from 'vitest'
import { isAmong, partitionName } from './topic-partition.ts'

test('a partition has one name', () => {
  expect(partitionName('flights', 3)).toBe('flights/3')
})

test('a partition is among others by topic and number; none is among none', () => {
  const partitions = [
    { topic: 'a', partition: 0 },
    { topic: 'b', partition: 1 },
  ]
  expect(isAmong(partitions, { topic: 'b', partition: 1 })).toBe(true)
  expect(isAmong(partitions, { topic: 'a', partition: 1 })).toBe(false)
  expect(isAmong(partitions, null)).toBe(false)
  expect(isAmong([], { topic: 'a', partition: 0 })).toBe(false)
})
