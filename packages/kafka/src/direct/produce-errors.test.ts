import { expect, test } from 'vitest'
import { fateOf, produceError } from './produce-errors.ts'

test.each([
  [0, 'written'],
  [46, 'written'],
  [3, 'again'],
  [5, 'again'],
  [6, 'again'],
  [7, 'again'],
  [19, 'again'],
  [20, 'again'],
  [51, 'again'],
  [56, 'again'],
  [10, 'failed'],
  [29, 'failed'],
  [32, 'failed'],
  [47, 'failed'],
  [59, 'failed'],
  [87, 'failed'],
  [-1, 'failed'],
])('an answer with error %i: %s', (code, fate) => {
  expect(fateOf(code, true)).toBe(fate)
})

test('a batch out of order failed, unless one before it is on its way', () => {
  expect(fateOf(45, true)).toBe('failed')
  expect(fateOf(45, false)).toBe('again')
})

test('an error has words of the broker, of ours, or its number', () => {
  expect(produceError(87, 'one record has no key')).toMatchObject({
    message: 'one record has no key',
    code: 87,
  })
  expect(produceError(10, null)).toMatchObject({ message: 'it is too large', code: 10 })
  expect(produceError(999, null).message).toBe('the broker answered with error 999')
})
