import { expect, test } from 'vitest'
import { t } from '../schema/data-type.ts'
import { schema } from '../schema/schema.ts'
import { rowCells } from './row-cells.ts'

const Sale = schema({ n: t.int32(), note: t.string().nullable() })

test('cells stand in the order of the schema, absent ones are null, others are left out', () => {
  expect(rowCells(Sale, { other: true, n: 1 })).toEqual([1, null])
  expect(rowCells(Sale, { note: 'x', n: 1 })).toEqual([1, 'x'])
})

test('a cell that does not fit is refused with its column', () => {
  const refused = (row: object) => {
    try {
      return rowCells(Sale, row as never)
    } catch (error) {
      return error
    }
  }
  expect(refused({ n: 'one' })).toMatchObject({ code: 'FUNCTION_FAILED', place: { field: 'n' } })
  expect(refused({})).toMatchObject({ code: 'FUNCTION_FAILED', place: { field: 'n' } })
  expect(refused({ n: 2 ** 40 })).toMatchObject({ code: 'OVERFLOW', place: { field: 'n' } })
})
