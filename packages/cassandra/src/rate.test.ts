import { ManualClock } from '@millrace/core/testing'
import { expect, test } from 'vitest'
import { Rate } from './rate.ts'

test('spreads what goes evenly, each in turn', async () => {
  const clock = new ManualClock()
  const rate = new Rate(100, clock)
  const gone: number[] = []
  const take = async (n: number): Promise<void> => {
    await rate.take(10)
    gone.push(n)
  }
  const all = Promise.all([take(0), take(1), take(2)])
  await Promise.resolve()
  expect(gone).toEqual([0])
  await clock.advance(100)
  expect(gone).toEqual([0, 1])
  await clock.advance(100)
  await all
  expect(gone).toEqual([0, 1, 2])
})

test('without a limit nothing waits', () => {
  expect(new Rate(Number.POSITIVE_INFINITY, new ManualClock()).take(1e9)).toBeUndefined()
})
