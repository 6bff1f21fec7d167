import { expect, test } from 'vitest'
import { below, seededRandom, shuffled } from './seeded-random.ts'

test('the same seed gives the same numbers, another seed others', () => {
  const draw = (seed: number): number[] => Array.from({ length: 5 }, seededRandom(seed))
  expect(draw(1)).toEqual(draw(1))
  expect(draw(1)).not.toEqual(draw(2))
})

test('numbers are spread below their limit', () => {
  const random = seededRandom(7)
  const hits = new Array<number>(10).fill(0)
  for (let i = 0; i < 10_000; i++) hits[below(random, 10)]! += 1
  for (const count of hits) expect(Math.abs(count - 1000)).toBeLessThan(150)
})

test('a shuffle has the same items', () => {
  const items = [1, 2, 3, 4, 5, 6, 7, 8, 9]
  const result = shuffled(seededRandom(3), items)
  expect(result).not.toEqual(items)
  expect(result.toSorted()).toEqual(items)
})
