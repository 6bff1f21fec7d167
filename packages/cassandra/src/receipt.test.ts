import { expect, test } from 'vitest'
import { readReceipt, receiptBytes } from './receipt.ts'

test('is read as it was written, by its layout', () => {
  const times = { last: 1_750_000_000_000_001, bound: Number.NEGATIVE_INFINITY }
  const bytes = receiptBytes(times)
  expect(Buffer.from(bytes).toString('hex')).toBe('014318de76816d8004fff0000000000000')
  expect(readReceipt(bytes)).toEqual(times)
})

test.each([[new Uint8Array()], [new Uint8Array(17)], [new Uint8Array([1, 2])]])(
  'refuses what it does not know',
  bytes => {
    expect(() => readReceipt(bytes)).toThrow(/FORMAT_UNKNOWN: the receipt of a Cassandra sink/)
  },
)
