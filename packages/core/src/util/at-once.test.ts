import { expect, test } from 'vitest'
import { eachAtOnce } from './at-once.ts'

test('all is done, so many at most at the same time, none of them twice', async () => {
  const done: [string, number][] = []
  let running = 0
  let most = 0
  const things = Array.from({ length: 50 }, (_, i) => `thing ${i}`)
  await eachAtOnce(things, 7, async (thing, nth) => {
    most = Math.max(most, ++running)
    for (let turns = nth % 5; turns >= 0; turns--) await null
    done.push([thing, nth])
    running--
  })
  expect(done.sort((a, b) => a[1] - b[1])).toEqual(things.map((thing, i) => [thing, i]))
  expect(most).toBe(7)
})

test('what fails is told; of nothing there is nothing to wait for', async () => {
  await expect(eachAtOnce([1], 4, () => Promise.reject(new Error('no')))).rejects.toThrow('no')
  await eachAtOnce([], 4, () => Promise.reject(new Error('no')))
})
