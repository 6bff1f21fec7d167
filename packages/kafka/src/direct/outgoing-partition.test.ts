import { RawRecordsBuilder } from '@millrace/core'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { outgoingRows } from '../records/outgoing-rows.ts'
import { OutgoingPartition, type SealedBatch } from './outgoing-partition.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] })
})
afterEach(() => {
  vi.useRealTimers()
})

const IDENTITY = { producerId: 7n, epoch: 3, transactionalId: null }
const OPTIONS = { codec: 0, bytesMax: 1_000, recordBytesMax: 1_000 }

function records(count: number) {
  const builder = new RawRecordsBuilder()
  for (let i = 0; i < count; i++) {
    builder.startValue()
    builder.out.text('value')
    builder.endValue()
    builder.endRecord(i)
  }
  return builder.build()
}

function append(partition: OutgoingPartition, count: number): void {
  const rows = Int32Array.from({ length: count }, (_, row) => row)
  const write = outgoingRows(records(count), rows)
  expect(partition.append(write, 0, count)).toBe(count)
}

function sealed(partition: OutgoingPartition, count = 1): SealedBatch {
  append(partition, count)
  return partition.seal(IDENTITY, 0) as SealedBatch
}

function setUp(): OutgoingPartition {
  return new OutgoingPartition('orders', 0, OPTIONS)
}

function send(partition: OutgoingPartition): SealedBatch | undefined {
  const batch = partition.next()
  if (batch !== undefined) partition.sent()
  return batch
}

function acknowledge(
  partition: OutgoingPartition,
  batch: SealedBatch,
  baseOffset = -1,
): SealedBatch[] {
  partition.underWay--
  return partition.written(batch, baseOffset)
}

/** The broker knows the producer. */
function known(): OutgoingPartition {
  const partition = setUp()
  const first = sealed(partition)
  expect(send(partition)).toBe(first)
  acknowledge(partition, first)
  return partition
}

const sequenceOf = ({ bytes }: SealedBatch): number => bytes.readInt32BE(53)

test('batches have the sequence of their first record, and who wrote them', () => {
  const partition = setUp()
  const batches = [sealed(partition, 3), sealed(partition, 2), sealed(partition, 1)]
  expect(batches.map(sequenceOf)).toEqual([0, 3, 5])
  expect(batches[0]?.bytes.readBigInt64BE(43)).toBe(7n)
  expect(batches[0]?.bytes.readInt16BE(51)).toBe(3)
  expect(partition.seal(IDENTITY, 0)).toBeUndefined()
})

test('its end is behind the last record that the broker has told the offset of', () => {
  const partition = setUp()
  const batches = [sealed(partition, 3), sealed(partition, 2), sealed(partition, 1)]
  expect(partition.end).toBeNull()
  const ends = [100, 103, -1].map((offset, i) => {
    expect(send(partition)).toBe(batches[i])
    acknowledge(partition, batches[i] as SealedBatch, offset)
    return partition.end
  })
  expect(ends).toEqual([103, 105, 105])
})

test('the first batch goes alone: a broker takes any sequence of one it does not know', () => {
  const partition = setUp()
  const [first, second] = [sealed(partition), sealed(partition)]
  expect(send(partition)).toBe(first)
  expect(partition.next()).toBeUndefined()
  acknowledge(partition, first)
  expect(send(partition)).toBe(second)
})

test('after a long silence the next batch goes alone again', () => {
  const partition = known()
  vi.advanceTimersByTime(61_000)
  const batches = [sealed(partition), sealed(partition)]
  expect(send(partition)).toBe(batches[0])
  expect(partition.next()).toBeUndefined()
})

test('another producer is not known, another epoch of the same one is', () => {
  const partition = known()
  partition.startOver(true)
  const batches = [sealed(partition), sealed(partition)]
  expect(batches.map(sequenceOf)).toEqual([0, 1])
  expect([send(partition), send(partition)]).toEqual(batches)
  for (const batch of batches) acknowledge(partition, batch)
  partition.startOver(false)
  const others = [sealed(partition), sealed(partition)]
  expect([send(partition), send(partition)]).toEqual([others[0], undefined])
})

test('no batch goes that is the sixth from the first in doubt: the broker knows five again', () => {
  const partition = known()
  const batches = Array.from({ length: 7 }, () => sealed(partition))
  for (let i = 0; i < 5; i++) expect(send(partition)).toBe(batches[i])
  expect(partition.next()).toBeUndefined()
  // All but the first are known to be written: it is sent again, and nothing else.
  for (const batch of batches.slice(1, 5)) expect(acknowledge(partition, batch)).toEqual([])
  partition.underWay--
  partition.again(2)
  expect(send(partition)).toBe(batches[0])
  expect(partition.next()).toBeUndefined()
  const [first] = batches as [SealedBatch]
  expect(acknowledge(partition, first)).toEqual(batches.slice(0, 5))
  expect([send(partition), send(partition)]).toEqual(batches.slice(5))
})

test('what was lost is sent again as it was, what is written is not', () => {
  const partition = known()
  const batches = [sealed(partition), sealed(partition), sealed(partition)]
  for (const batch of batches) expect(send(partition)).toBe(batch)
  const [first, second, third] = batches as [SealedBatch, SealedBatch, SealedBatch]
  partition.isLost = true
  acknowledge(partition, second)
  partition.underWay = 0
  partition.again(2)
  expect(partition).toMatchObject({ brokerId: 2, isLost: false, isEmpty: false })
  expect([send(partition), send(partition), partition.next()]).toEqual([first, third, undefined])
  expect(acknowledge(partition, first)).toEqual([first, second])
  expect(partition.isFirst(third)).toBe(true)
  expect(acknowledge(partition, third)).toEqual([third])
  expect(partition.isEmpty).toBe(true)
})

test('tells since when something waits', () => {
  const partition = setUp()
  expect(partition.waitingSince).toBe(Number.POSITIVE_INFINITY)
  vi.advanceTimersByTime(10)
  const openedAt = performance.now()
  append(partition, 1)
  vi.advanceTimersByTime(10)
  append(partition, 1)
  expect(partition.waitingSince).toBe(openedAt)
  vi.advanceTimersByTime(10)
  const batch = partition.seal(IDENTITY, 0)
  expect(partition.waitingSince).toBe(batch?.sealedAt)
})
