import { expect, test } from 'vitest'
import { bounded, describeValue, Refusal } from './refusal.ts'

test('values are described in a few words', () => {
  const described = [undefined, null, 'a"b', 1.5, -0, 12n, true, [1, 2], new Uint8Array(3), {}]
  expect(described.map(describeValue)).toEqual([
    'nothing',
    'null',
    '"a\\"b"',
    '1.5',
    '-0',
    '12',
    'true',
    'an array of 2',
    '3 bytes',
    'an object',
  ])
  expect(describeValue(new Date(Number.NaN))).toBe('an invalid Date')
  expect(describeValue(() => 1)).toBe('a function')
})

test('no description is longer than 100 characters', () => {
  for (const value of ['x'.repeat(1e6), '"'.repeat(99), '\u0000'.repeat(100), 10n ** 500n]) {
    expect(describeValue(value).length).toBeLessThanOrEqual(100)
  }
  expect(describeValue('x'.repeat(1e6))).toMatch(/^"x+…"$/)
  expect(new Refusal('DECODE_FAILED', 'text', 'y'.repeat(500)).got).toHaveLength(100)
  expect(bounded('short')).toBe('short')
})
