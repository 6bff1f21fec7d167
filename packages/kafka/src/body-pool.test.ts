import { expect, test } from 'vitest'
import { BodyPool } from './body-pool.ts'

const MIB = 1 << 20

test('a buffer that was given back is given out again, cut to what is asked for', () => {
  const pool = new BodyPool()
  const first = pool.take(MIB - 5)
  expect(first.length).toBe(MIB - 5)
  pool.give(first)
  const second = pool.take(MIB - 100_000)
  expect(second.buffer).toBe(first.buffer)
  expect(second.length).toBe(MIB - 100_000)
  expect(pool.take(MIB - 5).buffer).not.toBe(first.buffer)
})

test('it is not given out where it is too small, or far too large', () => {
  const pool = new BodyPool()
  const large = pool.take(4 * MIB)
  pool.give(large)
  expect(pool.take(5 * MIB).buffer).not.toBe(large.buffer)
  expect(pool.take(MIB - 1).buffer).not.toBe(large.buffer)
  expect(pool.take(2 * MIB).buffer).toBe(large.buffer)
})

test('what it has not given stays with its owner', () => {
  const pool = new BodyPool()
  const other = Buffer.alloc(MIB)
  pool.give(other)
  expect(pool.take(MIB).buffer).not.toBe(other.buffer)
})

test('two wait at most, and small ones never do', () => {
  const pool = new BodyPool()
  const bodies = [0, 1, 2].map(() => pool.take(MIB))
  for (const body of bodies) pool.give(body)
  const again = [0, 1, 2].map(() => pool.take(MIB).buffer)
  expect(again.filter(buffer => bodies.some(body => body.buffer === buffer))).toHaveLength(2)
  const small = pool.take(100)
  pool.give(small)
  expect(pool.take(100).buffer).not.toBe(small.buffer)
})
