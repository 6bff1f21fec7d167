import { expect, test } from 'vitest'
import type { WatermarkRecord } from '../record/format/watermark-record.ts'
import { UpstreamClock } from './upstream-clock.ts'

const said = (task: number, watermark: number, parts: Partial<WatermarkRecord> = {}) => ({
  task,
  taskCount: 2,
  watermark,
  isIdle: false,
  isFinal: false,
  epoch: 0,
  ...parts,
})
const NONE = Number.NEGATIVE_INFINITY

test('time is the least of all upstream tasks; who has not spoken holds it', () => {
  const clock = new UpstreamClock(2)
  clock.hear(said(0, 500), 0, false)
  expect([clock.watermark, clock.greatestWatermark]).toEqual([NONE, 500])
  clock.hear(said(1, 300), 0, false)
  expect(clock.watermark).toBe(300)
  clock.hear(said(1, 200), 0, false)
  expect(clock.watermark).toBe(300)
})

test('who is idle leaves the minimum; when all are, the greatest counts', () => {
  const clock = new UpstreamClock(2)
  clock.hear(said(0, 500), 0, false)
  clock.hear(said(1, 300, { isIdle: true }), 10, false)
  expect([clock.watermark, clock.isIdle, clock.idleAt]).toEqual([500, false, null])
  clock.hear(said(0, 600, { isIdle: true }), 20, false)
  expect([clock.watermark, clock.isIdle, clock.idleAt]).toEqual([600, true, 20])
  clock.hear(said(0, 600, { isIdle: true }), 90, false)
  expect(clock.idleAt).toBe(20)
})

test('rows end the silence until it is told again', () => {
  const clock = new UpstreamClock(1)
  clock.hear(said(0, 5, { taskCount: 1, isIdle: true }), 10, false)
  clock.speak()
  expect([clock.isIdle, clock.idleAt]).toEqual([false, null])
  clock.hear(said(0, 5, { taskCount: 1, isIdle: true }), 50, false)
  expect([clock.isIdle, clock.idleAt]).toEqual([true, 50])
})

test('the last word counts in its own run, and is passed over in a later one', () => {
  const over = said(0, Number.POSITIVE_INFINITY, { taskCount: 1, isFinal: true })
  const clock = new UpstreamClock(1)
  clock.hear(said(0, 5, { taskCount: 1 }), 0, false)
  clock.hear(over, 0, false)
  expect([clock.isFinal, clock.watermark]).toEqual([false, 5])
  clock.hear(over, 0, true)
  expect([clock.isFinal, clock.watermark]).toEqual([true, Number.POSITIVE_INFINITY])
})

test('words of another number of tasks are refused', () => {
  const clock = new UpstreamClock(2)
  expect(() => clock.hear(said(0, 5, { taskCount: 3 }), 0, false)).toThrow(
    /PARTITIONS_CHANGED: .*written by 3 tasks and is read as of 2/,
  )
})

test('goes on with what was said before a restart; the silence counts anew', () => {
  const clock = new UpstreamClock(2)
  clock.hear(said(0, 500, { isIdle: true }), 0, false)
  clock.hear(said(1, 300, { isIdle: true }), 0, false)
  const later = new UpstreamClock(2)
  later.restore(clock.save(), 70)
  expect([later.watermark, later.isIdle, later.idleAt]).toEqual([500, true, 70])
})
