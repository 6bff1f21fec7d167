import { expect, test } from 'vitest'
import { Random } from '../random.ts'
import { oddRecords } from './odd-records.ts'

const shape = { valueBytes: 100 }

test('the same seed gives the same records', () => {
  const of = (seed: number) => oddRecords(new Random(seed), 'orders', 1, 50, shape)
  expect(of(3)).toEqual(of(3))
  expect(of(3).data).not.toEqual(of(4).data)
})

test('there are null and empty keys and values among them, headers, and times long ago', () => {
  const { count, keySize, valueSize, headersSize, timestamps, partitions } = oddRecords(
    new Random(1),
    'orders',
    1,
    500,
    shape,
  )
  for (const sizes of [keySize, valueSize]) {
    expect(new Set(sizes.subarray(0, count))).toContain(-1)
    expect(new Set(sizes.subarray(0, count))).toContain(0)
  }
  expect(Math.max(...valueSize.subarray(0, count))).toBeGreaterThan(50)
  expect(Math.max(...headersSize.subarray(0, count))).toBeGreaterThan(0)
  expect(Math.min(...timestamps.subarray(0, count))).toBeLessThan(1_001)
  expect(Math.min(...timestamps.subarray(0, count))).toBeGreaterThan(0)
  expect([...new Set(partitions)]).toEqual([1])
})

test('records of a compacted topic all have keys', () => {
  const { count, keySize } = oddRecords(new Random(1), 'orders', 0, 200, {
    ...shape,
    hasKeys: true,
  })
  expect(Math.min(...keySize.subarray(0, count))).toBeGreaterThan(0)
})
