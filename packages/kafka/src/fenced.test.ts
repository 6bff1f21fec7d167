import { expect, test } from 'vitest'
import { fencedError, isFenced } from './fenced.ts'

test('who was overtaken is told apart from who may try again', () => {
  expect([-144, 22, 25, 27, 47, 82, 90, 110, 113].every(isFenced)).toBe(true)
  expect([0, 7, 14, 15, 16, 48, 51].some(isFenced)).toBe(false)
})

test('the error says what was done, what was answered, and what it means', () => {
  const cause = new Error('why')
  const error = fencedError('the transaction was not committed', 'why', cause)
  expect(error).toMatchObject({ code: 'FENCED', cause })
  expect(error.message).toMatch(
    /^FENCED: the transaction was not committed: why\. Another process has taken over/,
  )
})
