import { describe, expect, test } from 'vitest'
import { didYouMean, nearest } from './did-you-mean.ts'

describe('nearest', () => {
  test.each([
    ['amuont', 'amount'],
    ['amout', 'amount'],
    ['AMOUNT', 'amount'],
    ['userid', 'user_id'],
    ['__prot__', '__proto__'],
  ])('%j is likely meant to be %j', (word, meant) => {
    expect(nearest(word, ['note', '__proto__', 'user_id', 'amount'])).toBe(meant)
  })

  test('is nothing when all are far away, or there are none', () => {
    expect(nearest('temperature', ['note', 'user_id', 'amount'])).toBe(undefined)
    expect(nearest('amount', [])).toBe(undefined)
  })

  test('takes the first of equally near ones', () => {
    expect(nearest('cat', ['bat', 'rat'])).toBe('bat')
  })
})

test('didYouMean is text to add to a message', () => {
  expect(didYouMean('amuont', ['amount'])).toBe(' Did you mean "amount"?')
  expect(didYouMean('q"', ['q"x'])).toBe(' Did you mean "q\\"x"?')
  expect(didYouMean('temperature', ['amount'])).toBe('')
})
