import { expect, test } from 'vitest'
import { Buckets } from './buckets.ts'

test('the order is of those that may have something', () => {
  const buckets = new Buckets()
  const [some, none] = [buckets.add(7, true), buckets.add(5, true)]
  for (const { bucket } of [some, none]) buckets.order.add(bucket)
  some.live = 1
  expect([buckets.order.smallest(), buckets.order.greatest()]).toEqual([7, 7])
  buckets.add(9, false)
  expect(buckets.order.greatest()).toBe(9)
})

test('one that has been replaced takes nothing away; one with entries, or that may have some, stays', () => {
  const buckets = new Buckets()
  const old = buckets.add(1, true)
  const bucket = buckets.add(1, false)
  buckets.remove(old)
  buckets.removeEmpty(bucket)
  expect(buckets.at(1)).toBe(bucket)
  bucket.isWhole = true
  bucket.size = 1
  buckets.removeEmpty(bucket)
  expect(buckets.at(1)).toBe(bucket)
  bucket.size = 0
  buckets.removeEmpty(bucket)
  expect(buckets.at(1)).toBe(undefined)
})
