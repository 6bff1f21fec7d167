import fc from 'fast-check'
import { expect, test } from 'vitest'
import { hopping, lastStart, tumbling } from './window.ts'

test('takes durations as text or milliseconds; grace is 0 where nothing is said', () => {
  expect(tumbling('10s')).toEqual({
    kind: 'tumbling',
    sizeMs: 10_000,
    stepMs: 10_000,
    graceMs: 0,
  })
  expect(tumbling(500, { grace: '2s' })).toMatchObject({ sizeMs: 500, graceMs: 2_000 })
  expect(Object.isFrozen(tumbling(1))).toBe(true)
})

test.each([
  [() => tumbling(0), 'size of a tumbling window must be > 0'],
  [() => tumbling(-1), 'size of a tumbling window'],
  [() => tumbling('ten seconds' as never), 'size of a tumbling window'],
  [() => tumbling(0.5), 'size of a tumbling window'],
  [() => tumbling('1s', { grace: -1 }), 'grace'],
])('refuses what is no window, naming the part', (make, text) => {
  expect(make).toThrow(text)
})

test('every time is in the one window whose start it gives, for any size and age', () => {
  const time = fc.integer({ min: -8.64e15, max: 8.64e15 })
  fc.assert(
    fc.property(time, fc.integer({ min: 1, max: 1e10 }), (timestamp, size) => {
      const start = lastStart(tumbling(size), timestamp)
      expect(start <= timestamp && timestamp < start + size).toBe(true)
      expect(BigInt(start) % BigInt(size)).toBe(0n)
    }),
  )
})

test('hopping windows overlap', () => {
  expect(hopping('10s', { step: '2s', grace: '1s' })).toEqual({
    kind: 'hopping',
    sizeMs: 10_000,
    stepMs: 2_000,
    graceMs: 1_000,
  })
})

test.each([
  ['0s', /step of a hopping window must be > 0 and at most its size/],
  ['11s', /got a step of 11000 ms and a size of 10000 ms/],
  ['1ms', /would be in 10000 windows; at most 1000/],
] as const)('a step of %s is refused', (step, text) => {
  expect(() => hopping('10s', { step })).toThrow(text)
})
