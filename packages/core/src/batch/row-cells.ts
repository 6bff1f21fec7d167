import { MillraceError } from '../errors.ts'
import { isRefusal, toCell } from '../schema/cell.ts'
import type { Schema } from '../schema/schema.ts'
import type { CellValue } from './column.ts'
import type { Row } from './row.ts'

/**
 * A row that a user's function gave, as cells of a closed schema; further properties are left out.
 * @throws FUNCTION_FAILED, TIMESTAMP_UNIT or OVERFLOW with the column that does not fit.
 */
export function rowCells(schema: Schema, row: Row): CellValue[] {
  return schema.fields.map(({ name, type }) => {
    const cell = toCell(type, Object.hasOwn(row, name) ? row[name] : undefined)
    if (!isRefusal(cell)) return cell
    throw new MillraceError(
      cell.code === 'DECODE_FAILED' ? 'FUNCTION_FAILED' : cell.code,
      `the row of the function has a wrong cell: expected ${cell.expected}, got ${cell.got}.`,
      { field: name },
    )
  })
}
