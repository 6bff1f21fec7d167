import { expect, test } from 'vitest'
import { ManualClock } from '../testing/manual-clock.ts'
import { StandStill } from './stand-still.ts'

test('tells of a turn that was long ago, once', async () => {
  const clock = new ManualClock(1_000)
  const standStill = new StandStill(clock)
  expect(standStill.isOver()).toBe(false)
  await clock.advance(3_000)
  expect(standStill.isOver()).toBe(false)
  await clock.advance(3_001)
  expect([standStill.isOver(), standStill.isOver()]).toEqual([true, false])
})
