import { expect, test } from 'vitest'
import { Concurrency } from './concurrency.ts'

const answers = (limit: Concurrency, count: number, ms: number): void => {
  for (let i = 0; i < count; i++) limit.answered(ms)
}

test('doubles per round while answers are fast, up to its bound', () => {
  const limit = new Concurrency({ min: 1, max: 64 })
  expect(limit.limit).toBe(16)
  answers(limit, 16, 2)
  expect(limit.limit).toBe(32)
  answers(limit, 1_000, 2)
  expect(limit.limit).toBe(64)
})

test('is halved by an overload, once per round, and grows slowly after', () => {
  const limit = new Concurrency({ min: 2, max: 64 })
  answers(limit, 48, 2)
  for (let i = 0; i < 10; i++) limit.overloaded()
  expect(limit.limit).toBe(32)
  answers(limit, 32, 2)
  expect(limit.limit).toBe(32)
  answers(limit, 40, 2)
  expect(limit.limit).toBe(34)
})

test('shrinks when answers become slow, never below its bound', () => {
  const limit = new Concurrency({ min: 4, max: 64 })
  answers(limit, 48, 2)
  answers(limit, 2_000, 200)
  expect(limit.limit).toBeLessThan(16)
  for (let i = 0; i < 1_000; i++) limit.overloaded()
  expect(limit.limit).toBe(4)
})
