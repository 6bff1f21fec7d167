import { expect, test } from 'vitest'
import { ManualClock } from '../testing/manual-clock.ts'
import { Slice } from './slice.ts'

test('gives way when a slice is used up, and not before', async () => {
  const clock = new ManualClock(1_000)
  const slice = new Slice(clock)
  let turns = 0
  await clock.advance(4)
  setImmediate(() => turns++)
  await slice.rest()
  expect(turns).toBe(0)
  await clock.advance(1)
  await slice.rest()
  expect(turns).toBe(1)
  setImmediate(() => turns++)
  await slice.rest()
  expect(turns).toBe(1)
})

test('gives way now and then where time stands still, and when it was set back', async () => {
  let now = 1_000
  const slice = new Slice({ now: () => now, sleep: () => Promise.resolve() })
  let turns = 0
  setImmediate(() => turns++)
  for (let i = 0; i < 1_000; i++) await slice.rest()
  expect(turns).toBe(1)
  now = 500
  setImmediate(() => turns++)
  await slice.rest()
  expect(turns).toBe(2)
})
