import { expect, test } from 'vitest'
import { BufferPool } from './buffer-pool.ts'

test('gives again what was given back, of the size that is asked for', () => {
  const pool = new BufferPool()
  const first = pool.take(1_000)
  expect(first.byteLength).toBe(1_024)
  const second = pool.take(1_000)
  expect(second).not.toBe(first)
  pool.giveBack(first)
  expect(pool.take(2_000)).not.toBe(first)
  expect(pool.take(513)).toBe(first)
  expect(pool.take(513)).not.toBe(first)
})

test('keeps 32 MiB, and nothing of another kind', () => {
  const pool = new BufferPool()
  const buffers = Array.from({ length: 3 }, () => pool.take(16 * 1024 * 1024))
  for (const buffer of buffers) pool.giveBack(buffer)
  const again = Array.from({ length: 3 }, () => pool.take(16 * 1024 * 1024))
  expect(again.filter(buffer => buffers.includes(buffer))).toHaveLength(2)
  const odd = new ArrayBuffer(1_000)
  pool.giveBack(odd)
  expect(pool.take(1_000)).not.toBe(odd)
})
