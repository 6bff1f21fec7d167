import { expect, test } from 'vitest'
import { growthPerMinute } from './growth.ts'

const series = (bytesAt: (second: number) => number) =>
  Array.from({ length: 180 }, (_, second) => ({ atMs: second * 1_000, bytes: bytesAt(second) }))

test('a leak shows, a saw-tooth and a peak do not', () => {
  expect(growthPerMinute(series(second => 1e8 + second * 1e5))).toBeCloseTo(6e6)
  expect(growthPerMinute(series(second => 1e8 + (second % 20) * 1e6))).toBeCloseTo(0)
  expect(growthPerMinute(series(second => (second === 170 ? 9e8 : 1e8)))).toBe(0)
  expect(growthPerMinute([])).toBeNaN()
})
