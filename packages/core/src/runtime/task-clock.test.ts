import { expect, test } from 'vitest'
import { SourceClock } from './source-clock.ts'
import { TaskClock } from './task-clock.ts'

const quiet = { position: 1, lastStableOffset: 1, highWatermark: 1 }
const open = { open: { firstDue: 2_000, lastDue: 5_000 }, wallDueAt: Number.POSITIVE_INFINITY }
const nothing = { ...open, open: null }

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
  expect(clock.barrier(1_100, open)).toEqual({ isIdle: true, watermark: 2_000, wallTime: null })
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
  expect(clock.barrier(1_000_000, nothing)).toEqual({
    isIdle: true,
    watermark: null,
    wallTime: null,
  })
  expect(clock.nextDecisionAt(nothing)).toBe(Number.POSITIVE_INFINITY)
})

test('decides nothing while the input speaks, or after its end', () => {
  const { input, clock } = setUp()
  input.observe(1_000)
  expect(clock.barrier(1_000_000, open)).toEqual({
    isIdle: false,
    watermark: null,
    wallTime: null,
  })
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
  const input = { watermark: 700, upstreams: [] }
  const place = { epoch: 3, position: 10, isIdle: false }
  clock.restore({ ...place, input, watermark: 900, wallTime: 5_000 }, 0)
  expect([clock.takeWallTime(), clock.takeWallTime()]).toEqual([5_000, null])
  expect([clock.watermark, clock.input.watermark]).toEqual([900, 700])
  expect([clock.reach(800), clock.reach(1_000), clock.watermark]).toEqual([false, true, 1_000])
})

test('decides what time it is on the wall where something is due, and gives it once', () => {
  const { clock } = setUp()
  const waiting = { open: null, wallDueAt: 3_000 }
  expect(clock.nextDecisionAt(waiting)).toBe(3_000)
  expect(clock.barrier(2_999, waiting).wallTime).toBe(null)
  expect(clock.barrier(3_400, waiting).wallTime).toBe(3_400)
  expect([clock.takeWallTime(), clock.takeWallTime()]).toEqual([3_400, null])
})
