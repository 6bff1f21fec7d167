import fc from 'fast-check'
import { expect, test } from 'vitest'
import { bitmapBytes, clearBit, getBit, setBit } from './bitmap.ts'

test('bits lie as in Arrow: least significant first', () => {
  const bitmap = new Uint8Array(bitmapBytes(10))
  for (const index of [0, 3, 9]) setBit(bitmap, index)
  expect([...bitmap]).toEqual([0b0000_1001, 0b0000_0010])
  clearBit(bitmap, 3)
  expect([...bitmap]).toEqual([0b0000_0001, 0b0000_0010])
})

test('a bitmap has a byte for each eight bits begun', () => {
  expect([0, 1, 8, 9, 16].map(bitmapBytes)).toEqual([0, 1, 1, 2, 2])
})

test('behaves as an array of booleans', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(99), fc.boolean())), changes => {
      const bitmap = new Uint8Array(bitmapBytes(100))
      const expected: boolean[] = new Array(100).fill(false)
      for (const [index, isSet] of changes) {
        expected[index] = isSet
        if (isSet) setBit(bitmap, index)
        else clearBit(bitmap, index)
      }
      expect(expected.map((_, index) => getBit(bitmap, index))).toEqual(expected)
    }),
  )
})
