import { describe, expect, test } from 'vitest'
import { type DataType, t } from '../schema/data-type.ts'
import type { CellValue } from './column.ts'
import { outputColumn } from './output-column.ts'

const KINDS: readonly (readonly [DataType, CellValue, CellValue])[] = [
  [t.float64(), 1.5, -0],
  [t.int32(), 7, -(2 ** 31)],
  [t.int64(), 7n, -(2n ** 63n)],
  [t.int64({ as: 'number' }), 7, -Number.MAX_SAFE_INTEGER],
  [t.timestamp(), 0, -1],
  [t.boolean(), true, false],
  [t.string(), 'é', ''],
  [t.bytes(), Buffer.from([1]), Buffer.alloc(0)],
  [t.json(), { a: 1 }, [null]],
]

describe.each(KINDS)('a column of %s', (type, first, second) => {
  test.each([true, false])(
    'has the cells put, and null where told (may be null: %s)',
    mayBeNull => {
      const output = outputColumn(type, 20, mayBeNull)
      output.put(0, first)
      output.put(3, second)
      output.put(9, null)
      output.put(10, first)
      output.put(19, second)
      const column = output.column()
      expect(column.length).toBe(20)
      expect([0, 3, 9, 10, 19].map(i => column.get(i))).toEqual([
        first,
        second,
        null,
        first,
        second,
      ])
      // A record that was not written is a tombstone, or not selected.
      if (mayBeNull) expect([column.get(1), column.isNull(18)]).toEqual([null, true])
    },
  )

  test('says that no cell is null where that is so', () => {
    const output = outputColumn(type, 2, false)
    output.put(0, first)
    output.put(1, second)
    expect(output.column().validity).toBe(null)
  })
})
