import { expect, test } from 'vitest'
import { grouped, median, mib, quantile, table } from './figures.ts'

test('the median is a number in the middle, a quantile one of them', () => {
  expect(median([5, 1, 3])).toBe(3)
  expect(quantile([1, 2, 3, 4], 0.95)).toBe(4)
})

test('numbers are read in groups of three', () => {
  expect(grouped(1_234_567.4)).toBe('1 234 567')
  expect(grouped(12)).toBe('12')
  expect(mib(3 * 1024 * 1024)).toBe('3 MiB')
})

test('columns of a table are as wide as their widest cell', () => {
  expect(
    table([
      ['a', 'long'],
      ['long', 'b'],
    ]),
  ).toBe(['| a    | long |', '|------|------|', '| long | b    |'].join('\n'))
})
