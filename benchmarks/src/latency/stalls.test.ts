import { expect, test } from 'vitest'
import { type Arrival, causesOf, latenciesOf } from './stalls.ts'

const arrivals = (tookMs: readonly number[]): Arrival[] =>
  tookMs.map((ms, i) => ({ dueUs: i * 1_000, tookUs: ms * 1_000 }))

test('quantiles are of what came, and what did not come is counted', () => {
  const took = Array.from({ length: 1_000 }, (_, i) => (i + 1) / 100)
  const { count, missing, p50Us, p99Us, maxUs } = latenciesOf(arrivals([...took, Number.NaN]))
  expect({ count, missing }).toEqual({ count: 1_000, missing: 1 })
  expect([p50Us, p99Us, maxUs].map(us => Math.round(us / 100) / 10)).toEqual([5, 9.9, 10])
})

test('records that waited for one thing are one stall; what is far apart is two', () => {
  const quiet = Array<number>(60).fill(2)
  const { stalls } = latenciesOf(arrivals([2, 14, 13, 12, 11, ...quiet, 25, ...quiet]))
  expect(stalls).toEqual([
    { fromUs: 1_000, untilUs: 15_000, records: 4, maxUs: 14_000 },
    { fromUs: 65_000, untilUs: 90_000, records: 1, maxUs: 25_000 },
  ])
})

test('what overlaps a stall is named as its cause, with its time in all, longest first', () => {
  const stall = { fromUs: 1_000, untilUs: 15_000, records: 4, maxUs: 14_000 }
  const at = (what: string, fromUs: number, ms: number) => {
    return { who: 'Millrace', what, fromUs, untilUs: fromUs + ms * 1_000 }
  }
  const happenings = [at('gc', 2_000, 3), at('commit', 900, 6), at('gc', 9_000, 4)]
  expect(causesOf(stall, [...happenings, at('gc', 20_000, 9)])).toBe(
    'Millrace: gc 7.0 ms; Millrace: commit 6.0 ms',
  )
  expect(causesOf(stall, [])).toBe('nothing seen in our processes')
})
