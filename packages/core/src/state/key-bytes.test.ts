import { expect, test } from 'vitest'
import { hashOf, isSame, viewOf } from './key-bytes.ts'

/** Bytes of one size, and all that differ from them in one bit. */
function likely(size: number): Buffer[] {
  const bytes = Buffer.alloc(size, 0x61)
  const all = [bytes]
  for (let bit = 0; bit < size * 8; bit++) {
    const other = Buffer.from(bytes)
    other[bit >> 3] = (other[bit >> 3] as number) ^ (1 << (bit & 7))
    all.push(other)
  }
  return all
}

test.each([0, 1, 3, 4, 5, 8, 17])('%i bytes differ wherever a single bit does', size => {
  const all = likely(size)
  for (const [i, left] of all.entries()) {
    for (const [j, right] of all.entries()) {
      const padded = viewOf(Buffer.concat([Buffer.from('--'), right]))
      expect(isSame(viewOf(left), 0, padded, 2, size)).toBe(i === j)
    }
  }
})

test('the hash is of the bytes alone, wherever they stand, and differs for nearly all', () => {
  const all = [0, 1, 3, 4, 5, 8, 17].flatMap(likely)
  const hashes = all.map(bytes => hashOf(viewOf(bytes), 0, bytes.length))
  const moved = all.map(bytes => {
    const data = Buffer.concat([Buffer.from('moved'), bytes, Buffer.from('on')])
    return hashOf(viewOf(data), 5, bytes.length)
  })
  expect(moved).toEqual(hashes)
  expect(new Set(hashes).size).toBeGreaterThan(all.length - 3)
})
