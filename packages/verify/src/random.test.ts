import { expect, test } from 'vitest'
import { Random } from './random.ts'

const numbers = (seed: number): number[] => {
  const random = new Random(seed)
  return Array.from({ length: 1_000 }, () => random.next())
}

test('the same seed gives the same numbers, another seed others', () => {
  expect(numbers(7)).toEqual(numbers(7))
  expect(numbers(7)).not.toEqual(numbers(8))
})

test('numbers are spread over the whole range', () => {
  const random = new Random(1)
  const seen = new Set(Array.from({ length: 1_000 }, () => random.below(10)))
  expect([...seen].sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
})

test('shuffled keeps every item', () => {
  const items = Array.from({ length: 20 }, (_, i) => i)
  const shuffled = new Random(3).shuffled(items)
  expect(shuffled).not.toEqual(items)
  expect([...shuffled].sort((a, b) => a - b)).toEqual(items)
})

test('int, pick and some stay within what they were given', () => {
  const random = new Random(5)
  const items = ['a', 'b', 'c']
  for (let i = 0; i < 200; i++) {
    expect([-1, 0, 1]).toContain(random.int(-1, 1))
    expect(items).toContain(random.pick(items))
    const some = random.some(items, 1, 2)
    expect([1, 2]).toContain(some.length)
    expect(new Set(some).size).toBe(some.length)
  }
  expect(() => random.pick([])).toThrow('nothing to choose from')
})
