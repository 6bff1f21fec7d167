import { expect, test } from 'vitest'
import { RING, splitRange } from './token-range.ts'

test('splits the ring into equal pieces without a gap', () => {
  for (const count of [1, 2, 3, 7, 64, 1_000]) {
    const ranges = splitRange(RING, count)
    expect(ranges.length).toBe(count)
    expect(ranges[0]?.after).toBe(RING.after)
    expect(ranges.at(-1)?.to).toBe(RING.to)
    const sizes = ranges.map(({ after, to }) => to - after)
    const spread = sizes.map(size => size - (sizes[0] as bigint))
    expect(spread.every(each => each >= -1n && each <= 1n)).toBe(true)
    for (const [i, { after }] of ranges.slice(1).entries()) expect(after).toBe(ranges[i]?.to)
  }
})

test('gives no empty range', () => {
  expect(splitRange({ after: 5n, to: 7n }, 4)).toEqual([
    { after: 5n, to: 6n },
    { after: 6n, to: 7n },
  ])
  expect(splitRange({ after: 7n, to: 7n }, 4)).toEqual([])
})
