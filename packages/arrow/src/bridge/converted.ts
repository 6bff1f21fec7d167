import {
  type CellValue,
  type Column,
  type DataType as ColumnType,
  columnOf,
  isRefusal,
  parseJson,
} from '@millrace/core'
import { Fault } from '../ipc/fault.ts'

/**
 * A column read as a type that the user declared (`rowSchema` says which may be).
 * @throws Fault when a cell does not fit.
 */
export function converted(column: Column, type: ColumnType): Column {
  if (column.type.kind === type.kind)
    return columnOf(
      type,
      cellsOf(column, cell => cell),
    )
  if (type.kind === 'json')
    return columnOf(
      type,
      cellsOf(column, cell => jsonOf(cell as string)),
    )
  if (type.kind === 'float64') return columnOf(type, cellsOf(column, Number))
  return columnOf(
    type,
    cellsOf(column, cell => cell),
  )
}

function cellsOf(column: Column, convert: (cell: CellValue) => CellValue): CellValue[] {
  return Array.from({ length: column.length }, (_, i) => {
    const cell = column.get(i)
    return cell === null ? null : convert(cell)
  })
}

function jsonOf(text: string): CellValue {
  const value = parseJson(text)
  if (isRefusal(value)) throw new Fault(`expected ${value.expected}, got ${value.got}`)
  return value as CellValue
}
