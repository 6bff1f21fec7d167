import { expect, test } from 'vitest'
import { failedQuestions } from './failed-questions.ts'

test('names the questions that failed', async () => {
  const failed = await failedQuestions(expect, hooks => {
    hooks.describe('sums', () => {
      hooks.test('right', () => hooks.expect(1 + 1).toBe(2))
      hooks.test('wrong', () => hooks.expect(1 + 1).toBe(3))
      hooks.test('late', async () => hooks.expect(await Promise.resolve([1])).toEqual([2]))
    })
  })
  expect(failed).toEqual(['wrong', 'late'])
})
