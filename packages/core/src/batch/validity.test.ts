import fc from 'fast-check'
import { expect, test } from 'vitest'
import { getBit } from '../util/bitmap.ts'
import { Validity } from './validity.ts'

test('has a bit for each cell, and none where all are there', () => {
  fc.assert(
    fc.property(fc.array(fc.boolean(), { maxLength: 300 }), present => {
      const validity = new Validity()
      for (const each of present) validity.append(each)
      const bits = validity.build()
      if (present.every(Boolean)) expect(bits).toBe(null)
      else expect(present.map((_, i) => getBit(bits as Uint8Array, i))).toEqual(present)
    }),
  )
})
