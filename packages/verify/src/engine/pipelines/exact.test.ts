import { expect, test } from 'vitest'
import { exactMean, exactSum } from './exact.ts'

test('sums are the true sum rounded once', () => {
  expect(exactSum([1e16, 1, -1e16])).toBe(1)
  expect(exactSum([0.1, 0.2])).toBe(0.1 + 0.2)
  expect(exactSum([5e-324, 5e-324])).toBe(1e-323)
  expect(exactSum([1.5e308, 1.5e308, -1.5e308])).toBe(1.5e308)
  expect(exactSum([1.5e308, 1.5e308])).toBe(Infinity)
  expect(exactSum([-2.5, 1])).toBe(-1.5)
  expect(exactSum([Infinity, -Infinity])).toBe(NaN)
  expect(exactSum([2 ** 53, 1, 1])).toBe(2 ** 53 + 2)
  expect(exactSum([2 ** 53, 1])).toBe(2 ** 53)
})

test('means are the true mean rounded once', () => {
  expect(exactMean([1.5e308, 1.5e308])).toBe(1.5e308)
  expect(exactMean([1, 2, 2])).toBe(5 / 3)
  expect(exactMean([2n ** 60n + 1n, 1n])).toBe(2 ** 59)
  expect(exactMean([5e-324, 0, 0])).toBe(0)
  expect(exactMean([5e-324, 5e-324, 0])).toBe(5e-324)
})
