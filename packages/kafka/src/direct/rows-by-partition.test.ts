import { partitionOfKey, RawRecordsBuilder } from '@millrace/core'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { rowsByPartition } from './rows-by-partition.ts'

function outgoing(keys: readonly (string | null)[], partitions: readonly number[] | null = null) {
  const builder = new RawRecordsBuilder()
  for (const key of keys) builder.append(key === null ? null : Buffer.from(key), null, 1)
  const numbers = partitions === null ? null : Int32Array.from(partitions)
  return { ...builder.build(), topic: 'orders', partitions: numbers }
}

/** The rows of each partition. */
function groups(given: ReturnType<typeof outgoing>, count: number, keyless = 0): number[][] {
  const { rows, ends } = rowsByPartition(given, count, keyless)
  return Array.from(ends, (end, number) => [...rows.subarray(ends[number - 1] ?? 0, end)])
}

test('rows of a partition stay in their order, each row is in one', () => {
  const keys = fc.array(fc.option(fc.string({ maxLength: 5 })))
  fc.assert(
    fc.property(keys, fc.integer({ min: 1, max: 9 }), fc.nat(8), (list, count, given) => {
      const keyless = given % count
      const expected = Array.from({ length: count }, (): number[] => [])
      for (const [row, key] of list.entries()) {
        const bytes = Buffer.from(key ?? '')
        const number = key === null ? keyless : partitionOfKey(bytes, 0, bytes.length, count)
        expected[number]?.push(row)
      }
      expect(groups(outgoing(list), count, keyless)).toEqual(expected)
    }),
  )
})

test('partitions that are told go before keys', () => {
  const keys = ['a', 'a', null, 'b']
  expect(groups(outgoing(keys, [2, 0, 2, 0]), 3)).toEqual([[1, 3], [], [0, 2]])
  expect(groups(outgoing(keys, [0, 0, 0, 0]), 1)).toEqual([[0, 1, 2, 3]])
})

test.each([3, -1])('all before a record of partition %i, that there is not, stay', partition => {
  const given = outgoing(['a', 'b', 'c', 'd'], [2, 0, partition, 0])
  expect(rowsByPartition(given, 3, 0).stranger).toEqual({ row: 2, partition })
  expect(groups(given, 3)).toEqual([[1], [], [0]])
  expect(rowsByPartition(outgoing(['a'], [partition]), 1, 0).stranger).toEqual({
    row: 0,
    partition,
  })
})
