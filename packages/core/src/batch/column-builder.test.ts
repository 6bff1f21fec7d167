import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type DataType, t } from '../schema/data-type.ts'
import { type CellValue, Int64Column } from './column.ts'
import { columnBuilder, columnOf } from './column-builder.ts'

const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })

/** Every type with the cells it may hold. */
const CELLS: readonly [DataType, fc.Arbitrary<CellValue>][] = [
  [t.string(), fc.string({ unit: 'binary' })],
  [t.bytes(), fc.uint8Array().map(bytes => Buffer.from(bytes))],
  [t.boolean(), fc.boolean()],
  [t.int32(), fc.integer()],
  [t.int64(), int64],
  [t.int64({ as: 'number' }), fc.maxSafeInteger()],
  [t.timestamp(), fc.maxSafeInteger()],
  [t.float64(), fc.double()],
  [t.json(), fc.jsonValue() as fc.Arbitrary<CellValue>],
]

describe('a column built', () => {
  test.each(CELLS)('of %s has the cells that were appended, nulls among them', (type, cell) => {
    const all = fc.array(fc.option(cell, { freq: 3 }), { maxLength: 300 })
    fc.assert(
      fc.property(all, cells => {
        const column = columnOf(type, cells)
        expect(column.length).toBe(cells.length)
        expect(cells.map((_, i) => column.get(i))).toEqual(cells)
        expect(cells.map((_, i) => column.isNull(i))).toEqual(cells.map(c => c === null))
        expect(column.type).toBe(type)
      }),
      { numRuns: 50 },
    )
  })

  test.each(CELLS)('of %s may be all nulls, or nothing', type => {
    expect(columnOf(type, []).length).toBe(0)
    const column = columnOf(type, new Array(200).fill(null))
    expect(column.get(199)).toBe(null)
  })

  test.each(CELLS.filter(([type]) => type.kind !== 'json'))(
    'of %s takes its first null late',
    (type, cell) => {
      const [one] = fc.sample(cell, { numRuns: 1, seed: 1 })
      for (const before of [7, 63, 64, 65, 127, 200]) {
        const column = columnOf(type, [...new Array(before).fill(one), null, one])
        const nulls = Array.from({ length: before + 2 }, (_, i) => column.isNull(i))
        expect(nulls.indexOf(true)).toBe(before)
        expect(nulls.lastIndexOf(true)).toBe(before)
      }
    },
  )
})

test('without a null there is no validity bitmap; with one it has a bit per cell', () => {
  expect(columnOf(t.int32(), [1, 2, 3]).validity).toBe(null)
  const cells = [1, null, ...new Array(15).fill(2)]
  const { validity } = columnOf(t.int32(), cells)
  expect(validity?.length).toBe(3)
  expect(validity?.[0]).toBe(0b1111_1101)
})

test('64-bit integers are laid out as Arrow lays them out', () => {
  const column = columnOf(t.int64({ as: 'number' }), [1, -1]) as Int64Column
  expect(column).toBeInstanceOf(Int64Column)
  expect(column.values).toEqual(BigInt64Array.of(1n, -1n))
})

test('a builder tells how many cells it has', () => {
  for (const [type] of CELLS) {
    const builder = columnBuilder(type)
    builder.append(null)
    builder.append(null)
    expect(builder.length).toBe(2)
  }
})
