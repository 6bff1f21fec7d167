import { expect, test } from 'vitest'
import { describeCell } from './describe-cell.ts'

test('names the kind of a value and its start', () => {
  expect(describeCell(null)).toBe('null')
  expect(describeCell(undefined)).toBe('undefined')
  expect(describeCell('a"b')).toBe('the string "a\\"b"')
  expect(describeCell(-0)).toBe('the number -0')
  expect(describeCell(true)).toBe('the boolean true')
  expect(describeCell(12n)).toBe('the bigint 12')
  expect(describeCell(new Uint8Array(3))).toBe('3 bytes')
  expect(describeCell([1, 2])).toBe('an array of 2')
  expect(describeCell({ a: 1 })).toBe('an object')
})

test('is bounded', () => {
  expect(describeCell('x'.repeat(1000)).length).toBeLessThan(80)
  expect(describeCell(10n ** 1000n).length).toBeLessThan(80)
})
