import { expect, test } from 'vitest'
import { ManualClock } from './manual-clock.ts'

/** Notes what woke and when. */
function sleeper(clock: ManualClock, log: string[]) {
  return async (name: string, ms: number): Promise<void> => {
    await clock.sleep(ms)
    log.push(`${name} ${clock.now()}`)
  }
}

test('time stands still until it is moved', async () => {
  const clock = new ManualClock(1_000)
  expect(clock.now()).toBe(1_000)
  await clock.advance(250)
  expect(clock.now()).toBe(1_250)
  await clock.advance(0)
  expect(clock.now()).toBe(1_250)
})

test('sleepers wake at their own time, in order, and those due later sleep on', async () => {
  const clock = new ManualClock()
  const log: string[] = []
  const sleep = sleeper(clock, log)
  const all = [sleep('c', 30), sleep('a', 10), sleep('b1', 20), sleep('b2', 20), sleep('late', 31)]
  await clock.advance(30)
  expect(log).toEqual(['a 10', 'b1 20', 'b2 20', 'c 30'])
  expect(clock.nextDueAt).toBe(31)
  await clock.advance(1)
  await Promise.all(all)
  expect(log.at(-1)).toBe('late 31')
  expect(clock.nextDueAt).toBe(null)
})

test('who sleeps again is woken again within the same advance', async () => {
  const clock = new ManualClock()
  const ticks: number[] = []
  const ticking = (async () => {
    while (ticks.length < 5) {
      await clock.sleep(10)
      ticks.push(clock.now())
    }
  })()
  await clock.advance(45)
  expect(ticks).toEqual([10, 20, 30, 40])
  expect(clock.now()).toBe(45)
  await clock.advance(5)
  await ticking
  expect(ticks.at(-1)).toBe(50)
})

test('a sleep of no time, and one whose signal has aborted, end at once', async () => {
  const clock = new ManualClock()
  await clock.sleep(0)
  const abort = new AbortController()
  const sleeping = clock.sleep(10, abort.signal)
  abort.abort()
  await sleeping
  await clock.sleep(10, abort.signal)
  expect(clock.nextDueAt).toBe(null)
})

test('time does not go back', async () => {
  const clock = new ManualClock()
  await expect(clock.advance(-1)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
  await expect(clock.advance(Number.NaN)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
})
