import { expect, test } from 'vitest'
import type { SubTopology } from '../operator/pipeline.ts'
import { checkPartition, checkPartitionCounts } from './partition-counts.ts'

const part = (stores: number, repartitions: number): SubTopology =>
  ({ stores: Array(stores).fill({}), repartitions: Array(repartitions).fill('r') }) as never
const BEFORE = [{ topic: 'in', partitionCount: 2 }]
const now = (count: number) => new Map([['in', count]])
const CLEAR = { PARTITIONS_CHANGED: 'clear' } as const

test('the same count, and that of a topic that is not read any more, say nothing', () => {
  expect(checkPartitionCounts(part(1, 1), BEFORE, now(2), {})).toBe(false)
  expect(checkPartitionCounts(part(1, 1), BEFORE, new Map(), {})).toBe(false)
})

test('without state and regrouping any count will do', () => {
  expect(checkPartitionCounts(part(0, 0), BEFORE, now(3), {})).toBe(false)
  checkPartition(part(0, 0), { topic: 'in', partition: 2 }, now(2))
})

test.each([
  ['with state', part(1, 0)],
  ['with regrouping', part(0, 1)],
])('%s more partitions stop the run, and can be chosen', (_, of) => {
  const check = () => checkPartitionCounts(of, BEFORE, now(3), {})
  expect(check).toThrow('PARTITIONS_CHANGED: topic "in" had 2 partitions at the last commit and')
  expect(check).toThrow("run({ accept: { PARTITIONS_CHANGED: 'clear' } })")
  expect(checkPartitionCounts(of, BEFORE, now(3), CLEAR)).toBe(true)
  const added = () => checkPartition(of, { topic: 'in', partition: 2 }, now(2))
  expect(added).toThrow('had 2 partitions when this run began')
})

test('fewer partitions are another topic: there is nothing to choose', () => {
  const check = () => checkPartitionCounts(part(1, 0), BEFORE, now(1), CLEAR)
  expect(check).toThrow('PARTITIONS_CHANGED')
  expect(check).not.toThrow('accept')
})
