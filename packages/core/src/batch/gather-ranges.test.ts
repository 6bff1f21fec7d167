import fc from 'fast-check'
import { expect, test } from 'vitest'
import { t } from '../schema/data-type.ts'
import { bitmapBytes, setBit } from '../util/bitmap.ts'
import { BytesColumn } from './column.ts'
import { gatherBytes, gatherSizes } from './gather-ranges.ts'

const bytes = (minLength: number, maxLength: number) => fc.uint8Array({ minLength, maxLength })
const cell = fc.option(fc.oneof(bytes(0, 10), bytes(11, 18), bytes(90, 110)))

test('cells come one behind the other, null cells as nothing', () => {
  const any = fc.tuple(fc.array(cell, { minLength: 1 }), fc.array(fc.nat()), fc.nat(5), fc.nat(5))
  fc.assert(
    fc.property(any, ([cells, picked, before, at]) => {
      const data = Buffer.concat([
        Buffer.alloc(before),
        ...cells.map(bytes => bytes ?? new Uint8Array()),
      ])
      const size = Int32Array.from(cells, bytes => bytes?.length ?? 7)
      const start = new Int32Array(cells.length)
      const validity = new Uint8Array(bitmapBytes(cells.length))
      let from = before
      for (const [i, bytes] of cells.entries()) {
        start[i] = from
        from += bytes?.length ?? 0
        if (bytes !== null) setBit(validity, i)
      }
      const hasNulls = cells.includes(null)
      const ranges = { data, start, size }
      const column = new BytesColumn(t.bytes(), ranges, hasNulls ? validity : null)
      const rows = Int32Array.from(picked, nth => nth % cells.length)
      const chosen = Array.from(rows, row => cells[row] ?? null)
      const expected = Buffer.concat([
        Buffer.alloc(at, 9),
        ...chosen.map(bytes => bytes ?? Buffer.of()),
      ])
      const sizes = new Int32Array(rows.length)
      expect(gatherSizes(column, rows, sizes)).toBe(expected.length - at)
      expect([...sizes]).toEqual(chosen.map(bytes => bytes?.length ?? -1))
      const out = Buffer.alloc(expected.length, 9)
      expect(gatherBytes(column, rows, out, at)).toBe(expected.length)
      expect(out.equals(expected)).toBe(true)
    }),
  )
})
