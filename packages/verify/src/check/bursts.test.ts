import { expect, test } from 'vitest'
import { Bursts } from './bursts.ts'

const purchase = (user: string, amount: number, at: number) => {
  return { seq: 0, user, item: 'i', amount, at }
}

test('a burst takes what comes until its time, then another begins', () => {
  const bursts = new Bursts()
  bursts.add(0, purchase('u', 1, 1_000), Number.NEGATIVE_INFINITY)
  bursts.add(0, purchase('u', 2, 3_100), 2_999)
  bursts.add(1, purchase('v', 7, 9_000), Number.NEGATIVE_INFINITY)
  bursts.add(0, purchase('u', 4, 3_200), 3_000)
  expect(bursts.end()).toEqual([
    {
      id: 'u 1',
      key: 'u',
      rank: 1,
      content: '{"user":"u","number":1,"n":2,"total":3,"ever":3} at 3000',
    },
    {
      id: 'u 2',
      key: 'u',
      rank: 2,
      content: '{"user":"u","number":2,"n":1,"total":4,"ever":7} at 5200',
    },
    {
      id: 'v 1',
      key: 'v',
      rank: 1,
      content: '{"user":"v","number":1,"n":1,"total":7,"ever":7} at 11000',
    },
  ])
})

test('a purchase that is late by more makes a burst of its own', () => {
  const bursts = new Bursts()
  bursts.add(0, purchase('u', 1, 9_000), 0)
  bursts.add(0, purchase('v', 2, 1_000), 8_500)
  bursts.add(0, purchase('v', 4, 9_000), 8_500)
  expect(bursts.end().map(({ id, content }) => [id, content.split(' at ')[1]])).toEqual([
    ['v 1', '3000'],
    ['u 1', '11000'],
    ['v 2', '11000'],
  ])
})
