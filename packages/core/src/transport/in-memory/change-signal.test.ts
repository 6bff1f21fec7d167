import { expect, test } from 'vitest'
import { ManualClock } from '../../testing/manual-clock.ts'
import { ChangeSignal } from './change-signal.ts'

test('a change wakes everybody and leaves no sleeper', async () => {
  const clock = new ManualClock()
  const signal = new ChangeSignal()
  const waiting = [signal.wait(10, clock), signal.wait(20, clock)]
  signal.notify()
  await Promise.all(waiting)
  expect([clock.now(), clock.nextDueAt]).toEqual([0, null])
})

test('without a change the wait ends when its time has passed', async () => {
  const clock = new ManualClock()
  const signal = new ChangeSignal()
  const waiting = signal.wait(10, clock)
  await clock.advance(10)
  await waiting
  signal.notify()
  expect(clock.nextDueAt).toBe(null)
})

test('the next change is waited for without a limit and without a clock', async () => {
  const signal = new ChangeSignal()
  let isWoken = false
  const next = signal.next().then(() => (isWoken = true))
  await new Promise(resolve => setImmediate(resolve))
  expect(isWoken).toBe(false)
  signal.notify()
  await next
  expect(isWoken).toBe(true)
})
