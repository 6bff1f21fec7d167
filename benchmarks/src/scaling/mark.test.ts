import { expect, test } from 'vitest'
import { markOf } from './mark.ts'

test('beside a broker that takes little, one and a half; else a part of what it leaves', () => {
  expect(markOf(2, 0.39).ratio).toBe(1.5)
  expect(markOf(2, 0.6).ratio).toBeCloseTo(1.05)
  expect(markOf(16, 3).ratio).toBe(1.5)
})
