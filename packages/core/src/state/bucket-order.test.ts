import { expect, test } from 'vitest'
import { BucketOrder } from './bucket-order.ts'

test('the smallest and the greatest of what is there', () => {
  const there = new Set<number>()
  const order = new BucketOrder(bucket => there.has(bucket))
  const add = (...buckets: number[]): void => {
    for (const bucket of buckets) {
      there.add(bucket)
      order.add(bucket)
    }
  }
  const ends = () => [order.smallest(), order.greatest()]
  expect(ends()).toEqual([undefined, undefined])
  add(5, -2, 9, 5)
  expect(ends()).toEqual([-2, 9])
  there.delete(-2)
  expect(ends()).toEqual([5, 9])
  there.delete(9)
  add(-2)
  expect(ends()).toEqual([-2, 5])
  there.clear()
  expect(ends()).toEqual([undefined, undefined])
  add(9)
  expect(ends()).toEqual([9, 9])
})
