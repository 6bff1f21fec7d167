import { expect, test } from 'vitest'
import { SourceClock } from './source-clock.ts'
import { TaskClock } from './task-clock.ts'

const quiet = { position: 1, lastStableOffset: 1, highWatermark: 1 }
const open = { firstDue: 2_000, lastDue: 5_000 }

function setUp() {
  const input = new SourceClock(0, 100)
  return { input, clock: new TaskClock(input) }
}

test('follows its input and never goes back', () => {
  const { input, clock } = setUp()
  expect(clock.follow()).toBe(false)
  input.observe(50)
  expect([clock.follow(), clock.follow()]).toEqual([true, false])
  expect(clock.watermark).toBe(50)
})

test('moves time in silence by what the silence has lasted, from the next epoch on', () => {
  const { input, clock } = setUp()
  input.observe(1_000)
  clock.follow()
  input.watch(0, quiet)
  // Idle from 100 on; the first window is due 1,000 ms later.
  clock.barrier(100, open)
  expect(clock.nextDecisionAt(open)).toBe(1_100)
  expect(clock.barrier(1_100, open)).toEqual({ isIdle: true, watermark: 2_000 })
  expect(clock.watermark).toBe(1_000)
  expect(clock.beginEpoch()).toBe(true)
  expect(clock.watermark).toBe(2_000)
  expect(clock.beginEpoch()).toBe(false)
})

test('moves it at most to the end of the last open window, and not without one', () => {
  const { input, clock } = setUp()
  input.observe(1_000)
  clock.follow()
  input.watch(0, quiet)
  expect(clock.barrier(1_000_000, open).watermark).toBe(5_000)
  clock.beginEpoch()
  expect(clock.barrier(1_000_000, null)).toEqual({ isIdle: true, watermark: null })
  expect(clock.nextDecisionAt(null)).toBe(Number.POSITIVE_INFINITY)
})

test('decides nothing while the input speaks, or after its end', () => {
  const { input, clock } = setUp()
  input.observe(1_000)
  expect(clock.barrier(1_000_000, open)).toEqual({ isIdle: false, watermark: null })
  input.watch(0, quiet)
  input.end()
  expect(clock.barrier(1_000_000, open).watermark).toBe(null)
  expect(clock.nextDecisionAt(open)).toBe(Number.POSITIVE_INFINITY)
})

test('records that come back do not take time back', () => {
  const { input, clock } = setUp()
  input.observe(1_000)
  clock.follow()
  input.watch(0, quiet)
  clock.barrier(1_100, open)
  clock.beginEpoch()
  input.speak()
  input.observe(1_500)
  expect([clock.follow(), clock.watermark]).toEqual([false, 2_000])
})

test('goes on where an earlier run came to, decisions included', () => {
  const { clock } = setUp()
  clock.restore({ watermark: 700, upstreams: [] }, 900, 0)
  expect([clock.watermark, clock.input.watermark]).toEqual([900, 700])
  expect([clock.reach(800), clock.reach(1_000), clock.watermark]).toEqual([false, true, 1_000])
})
