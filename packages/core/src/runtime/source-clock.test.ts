import { expect, test } from 'vitest'
import { SourceClock } from './source-clock.ts'

const quiet = { position: 5, lastStableOffset: 5, highWatermark: 5 }

test('the watermark is the greatest event time less the disorder, and never goes back', () => {
  const clock = new SourceClock(100, 1_000)
  expect(clock.watermark).toBe(Number.NEGATIVE_INFINITY)
  clock.observe(500)
  clock.observe(300)
  expect(clock.watermark).toBe(400)
})

test('falls idle at a barrier after enough silence, and speaks at once', () => {
  const clock = new SourceClock(0, 1_000)
  clock.watch(100, quiet)
  clock.watch(600, quiet)
  expect(clock.nextDecisionAt()).toBe(1_100)
  clock.barrier(1_099)
  expect(clock.isIdle).toBe(false)
  clock.barrier(1_100)
  expect(clock.isIdle).toBe(true)
  expect(clock.nextDecisionAt()).toBe(Number.POSITIVE_INFINITY)
  clock.speak()
  expect([clock.isIdle, clock.idleAt]).toEqual([false, null])
})

test.each([
  ['an open transaction', { position: 5, lastStableOffset: 5, highWatermark: 6 }],
  ['lag', { position: 4, lastStableOffset: 5, highWatermark: 5 }],
  ['an error, a pause or throttling', null],
])('%s breaks the silence', (_, progress) => {
  const clock = new SourceClock(0, 1_000)
  clock.watch(0, quiet)
  clock.watch(900, progress)
  clock.watch(1_000, quiet)
  clock.barrier(1_500)
  expect(clock.isIdle).toBe(false)
  clock.barrier(2_000)
  expect(clock.isIdle).toBe(true)
})

test('never falls idle where that is switched off', () => {
  const clock = new SourceClock(0, Number.POSITIVE_INFINITY)
  clock.watch(0, quiet)
  clock.barrier(Number.MAX_SAFE_INTEGER)
  expect(clock.isIdle).toBe(false)
})

test('at its end decides nothing more', () => {
  const clock = new SourceClock(0, 1_000)
  clock.observe(7)
  clock.watch(0, quiet)
  clock.end()
  expect([clock.isFinal, clock.watermark]).toEqual([true, 7])
  expect(clock.nextDecisionAt()).toBe(Number.POSITIVE_INFINITY)
})

test('goes on where an earlier run came to', () => {
  const clock = new SourceClock(0, 1_000)
  clock.observe(7)
  const later = new SourceClock(0, 1_000)
  later.restore(clock.save())
  later.observe(3)
  expect(later.watermark).toBe(7)
})
