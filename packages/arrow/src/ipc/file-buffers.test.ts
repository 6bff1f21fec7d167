import { expect, test } from 'vitest'
import { FileBuffers } from './file-buffers.ts'

test('memory that was given back is used for a file that fits', () => {
  const buffers = new FileBuffers()
  const first = buffers.take(1_000)
  expect(first.length).toBeGreaterThanOrEqual(1_000)
  buffers.giveBack(first.buffer as ArrayBuffer)
  expect(buffers.take(400).buffer).not.toBe(first.buffer)
  expect(buffers.take(1_050).buffer).toBe(first.buffer)
  expect(buffers.take(1_000).buffer).not.toBe(first.buffer)
})

test('keeps two, the last ones', () => {
  const buffers = new FileBuffers()
  const [a, b, c] = [buffers.take(1_000), buffers.take(1_000), buffers.take(1_000)]
  for (const file of [a, b, c]) buffers.giveBack(file?.buffer as ArrayBuffer)
  const again = [buffers.take(1_000), buffers.take(1_000), buffers.take(1_000)]
  expect(again.map(({ buffer }) => [a, b, c].findIndex(file => file?.buffer === buffer))).toEqual([
    1, 2, -1,
  ])
})
