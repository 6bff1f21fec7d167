import fc from 'fast-check'
import { expect, test } from 'vitest'
import { roundUnits, unitsOf, unitsOfInteger } from './units.ts'

const finite = fc.double({ noNaN: true, noDefaultInfinity: true }).map(value => value + 0)

test('a double is its units, and back', () => {
  fc.assert(
    fc.property(finite, value => {
      expect(roundUnits(unitsOf(value), 1n)).toBe(value)
    }),
    { numRuns: 1000 },
  )
  for (const value of [Number.MIN_VALUE, -Number.MIN_VALUE, Number.MAX_VALUE, 2 ** -1022, 0]) {
    expect(roundUnits(unitsOf(value), 1n)).toBe(value)
  }
})

test('a quotient of two whole doubles is the one that the processor gives', () => {
  fc.assert(
    fc.property(fc.maxSafeInteger(), fc.integer({ min: 1, max: 2 ** 53 - 1 }), (a, b) => {
      expect(roundUnits(unitsOfInteger(BigInt(a)), BigInt(b))).toBe(a / b + 0)
    }),
    { numRuns: 1000 },
  )
})

test('a quotient of a double is the one that the processor gives, in subnormals too', () => {
  const small = fc.double({ noNaN: true, min: -1e-300, max: 1e-300 })
  fc.assert(
    fc.property(fc.oneof(finite, small), fc.integer({ min: 1, max: 1_000_000 }), (a, b) => {
      expect(roundUnits(unitsOf(a), BigInt(b))).toBe(a / b + 0)
    }),
    { numRuns: 1000 },
  )
})

test('a bigint rounds as Number does, ties to even', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(2n ** 1020n), max: 2n ** 1020n }), value => {
      expect(roundUnits(unitsOfInteger(value), 1n)).toBe(Number(value))
    }),
  )
  for (const value of [2n ** 53n + 1n, 2n ** 53n + 3n, 2n ** 54n + 2n, 2n ** 54n - 1n]) {
    expect(roundUnits(unitsOfInteger(value), 1n)).toBe(Number(value))
  }
})

test('what is too great is infinite, from halfway beyond the greatest double on', () => {
  const max = unitsOf(Number.MAX_VALUE)
  const half = unitsOf(2 ** 970)
  expect(roundUnits(max + half - 1n, 1n)).toBe(Number.MAX_VALUE)
  expect(roundUnits(max + half, 1n)).toBe(Number.POSITIVE_INFINITY)
  expect(roundUnits(-max - half, 1n)).toBe(Number.NEGATIVE_INFINITY)
})

test('what is too small is 0, never -0', () => {
  expect(roundUnits(1n, 2n)).toBe(0)
  expect(roundUnits(-1n, 2n)).toBe(0)
  expect(roundUnits(3n, 2n)).toBe(2 * Number.MIN_VALUE)
  expect(roundUnits(0n, 3n)).toBe(0)
})
