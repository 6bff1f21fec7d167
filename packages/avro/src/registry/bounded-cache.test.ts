import { expect, test } from 'vitest'
import { BoundedCache } from './bounded-cache.ts'

function cacheAt(clock: { ms: number }) {
  return new BoundedCache<string, number>({ entriesMax: 3, bytesMax: 100, now: () => clock.ms })
}

test('the least used goes when there are too many', () => {
  const cache = cacheAt({ ms: 0 })
  for (const [nth, key] of ['a', 'b', 'c'].entries()) cache.set(key, nth, 1)
  cache.get('a')
  cache.set('d', 3, 1)
  expect(['a', 'b', 'c', 'd'].map(key => cache.get(key))).toEqual([0, undefined, 2, 3])
})

test('bytes are bounded, and what is larger than all of them is not kept', () => {
  const cache = cacheAt({ ms: 0 })
  cache.set('a', 1, 60)
  cache.set('b', 2, 60)
  expect(cache.get('a')).toBe(undefined)
  expect(cache.get('b')).toBe(2)
  cache.set('c', 3, 101)
  expect(cache.get('c')).toBe(undefined)
  expect(cache.get('b')).toBe(2)
  // Set again, it is counted once.
  for (let nth = 0; nth < 10; nth++) cache.set('b', nth, 60)
  cache.set('d', 4, 40)
  expect([cache.get('b'), cache.get('d')]).toEqual([9, 4])
})

test('what is too old is gone, with its bytes', () => {
  const clock = { ms: 0 }
  const cache = cacheAt(clock)
  cache.set('a', 1, 90, 10)
  clock.ms = 9
  expect(cache.get('a')).toBe(1)
  clock.ms = 10
  expect(cache.get('a')).toBe(undefined)
  expect(cache.size).toBe(0)
  cache.set('b', 2, 90)
  cache.set('c', 2, 10)
  expect(cache.size).toBe(2)
  cache.set('never', 1, 1, 0)
  expect(cache.get('never')).toBe(undefined)
})

test('entries are deleted by what they are', () => {
  const cache = cacheAt({ ms: 0 })
  for (const [nth, key] of ['a', 'b', 'c'].entries()) cache.set(key, nth, 50)
  cache.deleteAll((key, value) => key === 'b' || value === 2)
  expect(cache.size).toBe(0)
  cache.set('d', 4, 100)
  expect(cache.get('d')).toBe(4)
})
