import fc from 'fast-check'
import { expect, test } from 'vitest'
import { t } from '../schema/data-type.ts'
import type { CellValue } from './column.ts'
import { columnOf } from './column-builder.ts'

const Type = t
  .struct({
    n: t.int32().nullable(),
    lists: t.list(t.list(t.string().nullable()).nullable()),
    within: t.struct({ price: t.decimal(9, 2), at: t.timestamp() }).nullable(),
  })
  .nullable()

const cells = fc.array(
  fc.option(
    fc.record({
      n: fc.option(fc.integer()),
      lists: fc.array(fc.option(fc.array(fc.option(fc.string({ unit: 'grapheme' }))))),
      within: fc.option(fc.record({ price: fc.constantFrom('0.10', '-7.00'), at: fc.nat() })),
    }),
  ),
  { maxLength: 150 },
)

test('what is appended comes back, however it is nested', () => {
  fc.assert(
    fc.property(cells, list => {
      const column = columnOf(Type, list as CellValue[])
      expect(column.length).toBe(list.length)
      expect(list.map((_, i) => column.get(i))).toEqual(list)
      expect(list.map((_, i) => column.isNull(i))).toEqual(list.map(cell => cell === null))
    }),
  )
})
