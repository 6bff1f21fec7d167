import { expect, test } from 'vitest'
import { plainRecord } from './plain-record.ts'
import { type RawBatch, rawBefore, sliceRaw } from './raw-records.ts'
import { RawRecordsBuilder } from './raw-records-builder.ts'

function batch(): RawBatch {
  const builder = new RawRecordsBuilder()
  for (let i = 0; i < 4; i++) {
    const headers = i === 2 ? [{ name: 'h', value: null }] : []
    builder.append(i === 1 ? null : Buffer.from(`k${i}`), Buffer.from(`v${i}`), i * 10, headers)
  }
  const offsets = Float64Array.of(5, 6, 8, 9)
  return { ...builder.build(), topic: 'in', partition: 1, offsets, nextOffset: 12 }
}

test('a slice has its records as they were, without a copy, and where the batch ended', () => {
  const raw = batch()
  const slice = sliceRaw(raw, 1, 3)
  expect(slice.count).toBe(2)
  expect([0, 1].map(i => plainRecord(slice, i))).toEqual([1, 2].map(i => plainRecord(raw, i)))
  expect([...slice.offsets]).toEqual([6, 8])
  expect(slice).toMatchObject({ topic: 'in', partition: 1, nextOffset: 12 })
  expect(slice.data).toBe(raw.data)
})

test('a slice may be empty, or all', () => {
  const raw = batch()
  expect(sliceRaw(raw, 2, 2)).toMatchObject({ count: 0, nextOffset: 12 })
  const all = sliceRaw(raw, 0, 4)
  expect([0, 1, 2, 3].map(i => plainRecord(all, i))).toEqual(
    [0, 1, 2, 3].map(i => plainRecord(raw, i)),
  )
})

test('what is before an offset may be all, a part or nothing', () => {
  const raw = batch()
  expect(rawBefore(raw, 12)).toBe(raw)
  expect([...rawBefore(raw, 8).offsets]).toEqual([5, 6])
  expect(rawBefore(raw, 5).count).toBe(0)
})
