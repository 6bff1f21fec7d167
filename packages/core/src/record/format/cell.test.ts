import { expect, test } from 'vitest'
import type { CellValue } from '../../batch/column.ts'
import { type DataType, t } from '../../schema/data-type.ts'
import { type Cell, type CellField, type CellType, typeName } from './cell.ts'

test('types and cells of schema and batch are those of the formats', () => {
  const type: DataType = t.int64()
  const asCellType: CellType = type
  const value = null as CellValue
  const cell: Cell = value
  const back: CellValue = cell
  const field: CellField = { name: 'x', type }
  expect([asCellType.kind, back, field.type.as]).toEqual(['int64', null, 'bigint'])
})

test('a type is named with a mark when it may be null', () => {
  expect(typeName(t.string())).toBe('string')
  expect(typeName(t.string().nullable())).toBe('string?')
})
