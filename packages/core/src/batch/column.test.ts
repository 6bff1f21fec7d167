import { describe, expect, test } from 'vitest'
import { t } from '../schema/data-type.ts'
import {
  BooleanColumn,
  BytesColumn,
  Float64Column,
  Int32Column,
  Int64Column,
  JsonColumn,
  StringColumn,
} from './column.ts'

/** Cells 0 and 2 are there, cell 1 is null. */
const MIDDLE_NULL = Uint8Array.of(0b101)

function cells(column: { length: number; get(index: number): unknown }): unknown[] {
  return Array.from({ length: column.length }, (_, i) => column.get(i))
}

describe('a null', () => {
  const ranges = {
    data: Buffer.from('abc'),
    start: Int32Array.of(0, 1, 1),
    size: Int32Array.of(1, 1, 2),
  }

  test.each([
    [new Float64Column(t.float64(), Float64Array.of(1.5, 9, -0), MIDDLE_NULL), [1.5, null, -0]],
    [new Int32Column(t.int32(), Int32Array.of(1, 9, -1), MIDDLE_NULL), [1, null, -1]],
    [new Int64Column(t.int64(), BigInt64Array.of(1n, 9n, -1n), MIDDLE_NULL), [1n, null, -1n]],
    [new BooleanColumn(t.boolean(), 3, Uint8Array.of(0b011), MIDDLE_NULL), [true, null, false]],
    [new StringColumn(t.string(), ranges, MIDDLE_NULL), ['a', null, 'bc']],
    [new BytesColumn(t.bytes(), ranges, MIDDLE_NULL), [Buffer.from('a'), null, Buffer.from('bc')]],
    [new JsonColumn(t.json(), [{ a: 1 }, null, []]), [{ a: 1 }, null, []]],
  ])('is null whatever lies under it: %o', (column, expected) => {
    expect(cells(column)).toEqual(expected)
    expect([0, 1, 2].map(i => column.isNull(i))).toEqual([false, true, false])
    expect(column.length).toBe(3)
  })

  test('is nowhere without a validity bitmap', () => {
    const column = new Float64Column(t.float64(), Float64Array.of(0, Number.NaN), null)
    expect(cells(column)).toEqual([0, Number.NaN])
    expect([column.isNull(0), column.isNull(1)]).toEqual([false, false])
  })

  test('in json is null or what was never there', () => {
    const column = new JsonColumn(t.json(), [null, undefined as never, 0, '', false])
    expect([0, 1, 2, 3, 4].map(i => column.isNull(i))).toEqual([true, true, false, false, false])
    expect(column.get(1)).toBe(null)
  })
})

describe('64-bit integers', () => {
  const { MAX_SAFE_INTEGER: max, MIN_SAFE_INTEGER: min } = Number
  const values = [0, 1, -1, 2 ** 31, -(2 ** 31), 2 ** 32, -(2 ** 32) - 1, max, min]
  const array = BigInt64Array.from(values, BigInt)

  test('are exact numbers where the type says so, and for timestamps', () => {
    expect(cells(new Int64Column(t.int64({ as: 'number' }), array, null))).toEqual(values)
    expect(cells(new Int64Column(t.timestamp(), array, null))).toEqual(values)
  })

  test('are bigints otherwise, and still give a number when asked', () => {
    const column = new Int64Column(t.int64(), array, null)
    expect(cells(column)).toEqual(values.map(BigInt))
    expect(values.map((_, i) => column.number(i))).toEqual(values)
  })

  test('may be a part of a larger array', () => {
    const column = new Int64Column(t.timestamp(), array.subarray(3, 5), null)
    expect(cells(column)).toEqual([2 ** 31, -(2 ** 31)])
  })
})

describe('strings', () => {
  test('are made from UTF-8 when asked for, the same each time', () => {
    const data = new Uint8Array(Buffer.from('é\u2028x'))
    const ranges = { data, start: Int32Array.of(0, 2, 5, 6), size: Int32Array.of(2, 3, 1, 0) }
    const column = new StringColumn(t.string(), ranges, null)
    expect(cells(column)).toEqual(['é', '\u2028', 'x', ''])
    expect(cells(column)).toEqual(['é', '\u2028', 'x', ''])
  })

  test('read once are not kept, but for those that are', () => {
    const data = Buffer.from('ab')
    const ranges = { data, start: Int32Array.of(0, 1, 0), size: Int32Array.of(1, 1, 0) }
    const column = new StringColumn(t.string(), ranges, Uint8Array.of(0b011))
    expect([column.once(0), column.get(1), column.once(2)]).toEqual(['a', 'b', null])
    // Bytes of columns do not change; here it shows what was kept.
    data.write('yz')
    expect([column.once(0), column.once(1), column.get(1)]).toEqual(['y', 'b', 'b'])
  })
})
