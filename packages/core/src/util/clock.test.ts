import { expect, test } from 'vitest'
import { SYSTEM_CLOCK } from './clock.ts'

test('the system clock tells epoch milliseconds', () => {
  expect(Math.abs(SYSTEM_CLOCK.now() - Date.now())).toBeLessThan(1_000)
})

test('a sleep takes its time', async () => {
  const start = performance.now()
  await SYSTEM_CLOCK.sleep(20)
  expect(performance.now() - start).toBeGreaterThan(15)
})

test('a sleep ends when its signal aborts, or does not begin', async () => {
  const abort = new AbortController()
  const sleeping = SYSTEM_CLOCK.sleep(60_000, abort.signal)
  abort.abort()
  await sleeping
  await SYSTEM_CLOCK.sleep(60_000, abort.signal)
})
