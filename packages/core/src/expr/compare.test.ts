import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compareBytes, compareCells, compareNumbers, compareText } from './compare.ts'

test('text has the order of its UTF-8 bytes', () => {
  const text = fc.string({
    unit: fc.oneof(
      fc.constantFrom('a', '\ue000', '\uffff', '😀', '\u{10ffff}'),
      fc.string({ unit: 'binary', maxLength: 1 }),
    ),
  })
  fc.assert(
    fc.property(text, text, (a, b) => {
      expect(Math.sign(compareText(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)))
    }),
  )
  expect(compareText('\uffff', '😀')).toBeLessThan(0)
  expect('\uffff' < '😀').toBe(false)
})

test('NaN equals NaN and is greater than every number; -0 equals 0', () => {
  expect(compareNumbers(Number.NaN, Number.NaN)).toBe(0)
  expect(compareNumbers(Number.NaN, Number.POSITIVE_INFINITY)).toBe(1)
  expect(compareNumbers(2n ** 63n, Number.NaN)).toBe(-1)
  expect(compareNumbers(-0, 0)).toBe(0)
})

test('numbers have one total order, bigints and doubles exactly', () => {
  const number = fc.oneof(fc.double(), fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n), fc.integer())
  fc.assert(
    fc.property(number, number, number, (a, b, c) => {
      expect(Math.sign(compareNumbers(a, b)) + Math.sign(compareNumbers(b, a))).toBe(0)
      if (compareNumbers(a, b) <= 0 && compareNumbers(b, c) <= 0) {
        expect(compareNumbers(a, c)).toBeLessThanOrEqual(0)
      }
    }),
  )
  expect(compareNumbers(2n ** 53n + 1n, 2 ** 53)).toBe(1)
})

test('bytes are unsigned, a prefix comes first', () => {
  expect(compareBytes(Uint8Array.of(0x7f), Uint8Array.of(0x80))).toBe(-1)
  expect(compareBytes(Uint8Array.of(1), Uint8Array.of(1, 0))).toBe(-1)
})

test('cells of different kinds have no order', () => {
  expect(compareCells(1, 2n)).toBe(-1)
  expect(compareCells(false, true)).toBe(-1)
  expect(compareCells('b', 'a')).toBeGreaterThan(0)
  expect(compareCells(Uint8Array.of(1), Uint8Array.of(1))).toBe(0)
  expect([compareCells(1, '1'), compareCells({}, {}), compareCells(null, 1)]).toEqual([
    null,
    null,
    null,
  ])
})
