import { expect, test } from 'vitest'
import { Slab } from './slab.ts'

test('writes numbers as CQL has them, each in bytes of its own', () => {
  const slab = new Slab()
  const all = [
    slab.int32(-2),
    slab.integer(-1),
    slab.integer(1_750_000_000_000_001),
    slab.double(1),
  ]
  expect(all.map(bytes => bytes.toString('hex'))).toEqual([
    'fffffffe',
    'ffffffffffffffff',
    BigInt(1_750_000_000_000_001).toString(16).padStart(16, '0'),
    '3ff0000000000000',
  ])
})

test('copies, also what is larger than a slab', () => {
  const slab = new Slab()
  const data = new Uint8Array(200_000).fill(7)
  const copy = slab.copy(data, 1, 199_000)
  data.fill(0)
  expect(copy.length).toBe(199_000)
  expect(copy.every(byte => byte === 7)).toBe(true)
})
