import { expect, test } from 'vitest'
import { heldBytes, usedBytes } from './entry-weight.ts'

const ARRAYS = { bytes: 60, perByte: 0 }
const OBJECTS = { bytes: 60, perByte: 2 }

test('an object counts for its stored bytes, and more than an entry in arrays', () => {
  expect(usedBytes(ARRAYS, 10, 1_000)).toBe(usedBytes(ARRAYS, 10, 5))
  expect(usedBytes(OBJECTS, 10, 0)).toBeGreaterThan(1.2 * usedBytes(ARRAYS, 10, 0))
  expect(usedBytes(OBJECTS, 10, 100) - usedBytes(OBJECTS, 10, 0)).toBe(1.25 * 200)
})

test('an object is held as a whole, an entry in arrays by what is sealed of it', () => {
  expect([heldBytes(OBJECTS, 300), heldBytes(ARRAYS, 300)]).toEqual([300, 100])
})

test('all bytes are whole, so that sums of them come back to nothing', () => {
  for (let keyBytes = 0; keyBytes < 50; keyBytes++) {
    for (const weight of [ARRAYS, OBJECTS, { bytes: 1, perByte: 1 / 3 }]) {
      const used = usedBytes(weight, keyBytes, 7)
      expect([used, heldBytes(weight, used)].every(Number.isInteger)).toBe(true)
    }
  }
})
