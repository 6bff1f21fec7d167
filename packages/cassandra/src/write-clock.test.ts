import fc from 'fast-check'
import { expect, test } from 'vitest'
import { boundAt, WriteClock } from './write-clock.ts'

const FIRST = { last: Number.NEGATIVE_INFINITY, bound: boundAt(1_000_000, 0) }

test('goes by event time, and by a microsecond where that does not move on', () => {
  const clock = new WriteClock(FIRST)
  expect([5, 5, 4, 6].map(ms => clock.next(ms))).toEqual([5_000, 5_001, 5_002, 6_000])
})

test('is not pinned by an event from the far future', () => {
  const clock = new WriteClock(FIRST)
  expect(clock.next(9e12)).toBe(1_000_000_000)
  expect(clock.next(5)).toBe(1_000_000_001)
  clock.raiseBound(boundAt(1_001_000, 0))
  expect(clock.next(1_000_900)).toBe(1_000_900_000)
})

/**
 * A story: epochs of operations on few keys, attempts that die anywhere, zombies whose writes land
 * at the end. The table keeps the greatest write time of a key; it must hold the last operation.
 */
test('whatever was written before, the last operation of a key wins', () => {
  const attempt = fc.record({ epochs: fc.nat(3), records: fc.nat(8), commits: fc.boolean() })
  const times = fc.array(fc.oneof(fc.nat(50), fc.constant(10_000)), { minLength: 1, maxLength: 40 })
  fc.assert(
    fc.property(
      times,
      fc.array(attempt, { maxLength: 6 }),
      fc.array(fc.nat(5)),
      (log, attempts, waits) => {
        const table = new Map<number, { time: number; value: number }>()
        let committed = {
          offset: 0,
          times: { last: Number.NEGATIVE_INFINITY, bound: boundAt(20, 0) },
        }
        let now = 20
        const run = (records: number, commitEvery: number): void => {
          const clock = new WriteClock(committed.times)
          for (let i = committed.offset, n = 0; i < log.length && n < records; i++, n++) {
            const time = clock.next(log[i] as number)
            const before = table.get(i % 3)
            if (before === undefined || time >= before.time) table.set(i % 3, { time, value: i })
            now += waits[i % Math.max(waits.length, 1)] ?? 0
            if (commitEvery > 0 && n % commitEvery === 0) {
              const bound = boundAt(now, 0)
              committed = { offset: i + 1, times: { last: clock.last, bound } }
              clock.raiseBound(bound)
            }
          }
        }
        for (const { epochs, records, commits } of attempts) run(records, commits ? epochs + 1 : 0)
        run(Number.POSITIVE_INFINITY, 0)
        for (const [key, { value }] of table) {
          const last = log.length - 1 - ((log.length - 1 - key) % 3)
          expect(value).toBe(last)
        }
      },
    ),
    { numRuns: 500 },
  )
})
