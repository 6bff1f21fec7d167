import { expect, test } from 'vitest'
import { countPosition } from './count-position.ts'

test('digits are a count, null is the beginning', () => {
  expect(countPosition(null, 'array')).toBe(0)
  expect(countPosition('0', 'array')).toBe(0)
  expect(countPosition('123456789012345', 'array')).toBe(123_456_789_012_345)
})

test.each(['', '-1', '1.5', 'x', '1e3', '9'.repeat(20)])('%j is refused', position => {
  expect(() => countPosition(position, 'array')).toThrow(
    `FORMAT_UNKNOWN: array: expected a position in digits, got "${position}"`,
  )
})
