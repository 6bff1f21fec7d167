import { MillraceError } from '../errors.ts'
import { isRefusal, toCell } from '../schema/cell.ts'
import type { Refusal } from '../schema/refusal.ts'
import type { Schema } from '../schema/schema.ts'
import type { CellValue } from './column.ts'
import type { Row } from './row.ts'

/**
 * A row that a user's function gave, as cells of a closed schema; further properties are left out.
 * @throws FUNCTION_FAILED, TIMESTAMP_UNIT or OVERFLOW with the column that does not fit.
 */
export function rowCells(schema: Schema, row: Row): CellValue[] {
  const cells: CellValue[] = new Array(schema.fields.length).fill(null)
  readCells(schema, row, cells)
  return cells
}

/** `rowCells` into an array that is used again. */
export function readCells({ fields }: Schema, row: Row, cells: CellValue[]): void {
  for (let i = 0; i < fields.length; i++) {
    const { name, type } = fields[i] as Schema['fields'][number]
    const cell = toCell(type, Object.hasOwn(row, name) ? row[name] : undefined)
    if (isRefusal(cell)) throw misfit(cell, name)
    cells[i] = cell
  }
}

function misfit(cell: Refusal, name: string): MillraceError {
  return new MillraceError(
    cell.code === 'DECODE_FAILED' ? 'FUNCTION_FAILED' : cell.code,
    `the row of the function has a wrong cell: expected ${cell.expected}, got ${cell.got}.`,
    { field: name },
  )
}
