import { expect, test } from 'vitest'
import { resized } from './resized.ts'

test('the array goes on, of the same kind, with zeros', () => {
  expect(resized(Int32Array.of(1, -2), 4)).toEqual(Int32Array.of(1, -2, 0, 0))
  expect(resized(new Float64Array(0), 1)).toEqual(Float64Array.of(0))
  expect(resized(Uint8Array.of(7), 1)).toEqual(Uint8Array.of(7))
})
