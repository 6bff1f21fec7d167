import { expect, test } from 'vitest'
import { type KeptRow, LookupCache } from './lookup-cache.ts'

const row = (cells: KeptRow['cells']): KeptRow => ({ cells, expiresAt: 0, isUsed: false })

test('keeps rows for a while, and keys without a row for another', () => {
  const cache = new LookupCache({ rowsMax: 10, keepMs: 100, keepMissingMs: 10 })
  cache.set('a', row([1]), 1_000)
  cache.set('b', row(null), 1_000)
  expect(cache.get('a', 1_009)?.cells).toEqual([1])
  expect(cache.get('b', 1_009)?.cells).toBeNull()
  expect(cache.get('b', 1_010)).toBeUndefined()
  expect(cache.get('a', 1_100)).toBeUndefined()
})

test('never has more than it may; the one goes that nobody asked for', () => {
  const cache = new LookupCache({ rowsMax: 3, keepMs: 100, keepMissingMs: 10 })
  for (const key of ['a', 'b', 'c']) cache.set(key, row([key]), 0)
  cache.get('a', 1)
  cache.set('d', row(['d']), 1)
  expect(cache.size).toBe(3)
  expect(['a', 'b', 'c', 'd'].map(key => cache.get(key, 1)?.cells?.[0])).toEqual([
    'a',
    undefined,
    'c',
    'd',
  ])
  // All were asked for: one goes all the same.
  cache.set('e', row(['e']), 1)
  expect(cache.size).toBe(3)
})

test('nothing is kept for no time', () => {
  const cache = new LookupCache({ rowsMax: 3, keepMs: 0, keepMissingMs: 0 })
  cache.set('a', row([1]), 5)
  expect(cache.get('a', 5)).toBeUndefined()
})
