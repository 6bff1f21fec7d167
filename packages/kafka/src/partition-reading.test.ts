import { expect, test } from 'vitest'
import type { NativeRecord } from './native-client.ts'
import { PartitionReading } from './partition-reading.ts'

const at = (offset: number, value = `v${offset}`): NativeRecord => ({
  topic: 'shop',
  partition: 2,
  offset,
  key: null,
  value: Buffer.from(value),
  timestamp: 1_000 + offset,
})

function reading(recordsMax = 100): PartitionReading {
  return new PartitionReading({ topic: 'shop', partition: 2 }, 5, recordsMax)
}

function takeAll(from: PartitionReading) {
  const batches = []
  for (let batch = from.take(); batch !== null; batch = from.take()) {
    batches.push({ offsets: [...batch.offsets], next: batch.nextOffset, count: batch.count })
  }
  return batches
}

test('gives records in batches of at most recordsMax, and the offset to read next', () => {
  const partition = reading(2)
  for (const offset of [5, 6, 8, 9, 10]) partition.append(at(offset))
  expect(partition.position).toBe(5)
  expect(takeAll(partition)).toEqual([
    { offsets: [5, 6], next: 8, count: 2 },
    { offsets: [8, 9], next: 10, count: 2 },
    { offsets: [10], next: 11, count: 1 },
  ])
  expect(partition.position).toBe(11)
  expect(partition.queuedBytes).toBe(0)
  expect(partition.take()).toBe(null)
})

test('the next offset lies behind control records once the end is known', () => {
  const partition = reading()
  partition.append(at(5))
  partition.moveTo(7)
  expect(takeAll(partition)).toEqual([{ offsets: [5], next: 7, count: 1 }])
})

test('passes over a record that came before', () => {
  const partition = reading()
  for (const offset of [5, 6, 5, 6, 7]) partition.append(at(offset))
  expect(takeAll(partition).map(({ offsets }) => offsets)).toEqual([[5, 6, 7]])
})

test('after a drop it stands where the first record dropped was', () => {
  const partition = reading()
  for (const offset of [5, 6, 7]) partition.append(at(offset))
  partition.drop()
  expect(partition.position).toBe(5)
  expect(partition.isEmpty).toBe(true)
  expect(partition.queuedBytes).toBe(0)
})

test('keeps a batch small in bytes too, but gives a record larger than that', () => {
  const partition = reading(1_000)
  const big = 'x'.repeat(200_000)
  for (const offset of [5, 6, 7]) partition.append(at(offset, big))
  expect(takeAll(partition).map(({ count }) => count)).toEqual([2, 1])
})

test('keys, values, timestamps and headers are those of the record', () => {
  const partition = reading()
  const headers = [{ a: Buffer.from('1') }]
  partition.append({ ...at(5), key: Buffer.alloc(0), value: null, headers })
  const batch = partition.take()
  expect([batch?.keySize[0], batch?.valueSize[0], batch?.timestamps[0]]).toEqual([0, -1, 1_005])
  expect(batch?.headersSize[0]).toBeGreaterThan(0)
})

test('starves when the broker has more and nothing is here', () => {
  const partition = reading()
  partition.isAssigned = true
  expect(partition.isStarving).toBe(false)
  partition.seen = { lastStableOffset: 6, highWatermark: 6, askedAt: 0 }
  expect(partition.isStarving).toBe(true)
  partition.append(at(5))
  expect(partition.isStarving).toBe(false)
  partition.take()
  expect(partition.isStarving).toBe(false)
})
