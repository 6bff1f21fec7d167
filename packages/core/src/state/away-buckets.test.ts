import { expect, test } from 'vitest'
import { AwayBuckets } from './away-buckets.ts'

function of(...buckets: readonly number[]): AwayBuckets {
  const away = new AwayBuckets()
  for (const bucket of buckets) away.add(bucket)
  return away
}

test('what lies between the first and the last may be away', () => {
  const away = of(20, 10, 40)
  expect([9, 10, 30, 40, 41].map(bucket => away.has(bucket))).toEqual([
    false,
    true,
    true,
    true,
    false,
  ])
  expect([away.first, away.last]).toEqual([10, 40])
  expect(new AwayBuckets().first).toBe(undefined)
})

test('what was taken does not count, until the epoch is kept', () => {
  const away = of(10, 20, 40)
  away.take(20)
  away.seal()
  expect([away.has(20), away.isTaken(20)]).toEqual([false, true])
  away.kept()
  expect([away.has(20), away.isTaken(20)]).toEqual([true, false])
  away.take(10)
  expect(away.first).toBe(11)
})

test('after a bucket comes the next that was not taken, or none', async () => {
  const there = [10, 20, 30, 40]
  const next = async (after: number) => there.find(bucket => bucket > after)
  const away = of(10, 30)
  away.take(20)
  await away.passed(10, next)
  expect([away.first, away.last]).toEqual([30, 30])
  await away.passed(30, next)
  expect(away.first).toBe(undefined)
})
