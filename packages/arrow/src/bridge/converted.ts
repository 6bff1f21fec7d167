import {
  type CellValue,
  type Column,
  type DataType as ColumnType,
  columnOf,
  Float64Column,
  Int32Column,
  Int64Column,
  isRefusal,
  parseJson,
} from '@millrace/core'
import { Fault } from '../ipc/fault.ts'

const WORD = 0x1_0000_0000

/**
 * A column read as a type that the user declared (`rowSchema` says which may be): integers in one
 * loop over their arrays, text cell by cell.
 * @throws Fault when a cell does not fit.
 */
export function converted(column: Column, type: ColumnType): Column {
  if (column instanceof Int32Column && type.kind === 'int64') return widened(column, type)
  if (type.kind === 'float64') {
    if (column instanceof Int32Column) {
      return new Float64Column(type, new Float64Array(column.values), column.validity)
    }
    if (column instanceof Int64Column) return doubles(column, type)
    return columnOf(type, cellsOf(column, Number))
  }
  if (type.kind === 'json') {
    return columnOf(
      type,
      cellsOf(column, cell => jsonOf(cell as string)),
    )
  }
  return columnOf(
    type,
    cellsOf(column, cell => cell),
  )
}

function widened({ values, validity }: Int32Column, type: ColumnType): Column {
  const words = new Int32Array(values.length * 2)
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number
    words[i * 2] = value
    words[i * 2 + 1] = value >> 31
  }
  return new Int64Column(type, new BigInt64Array(words.buffer), validity)
}

/** The nearest: what is above 2^53 is rounded once, where the halves are added. */
function doubles({ words, length, validity }: Int64Column, type: ColumnType): Column {
  const values = new Float64Array(length)
  for (let i = 0; i < length; i++) {
    values[i] = (words[i * 2 + 1] as number) * WORD + ((words[i * 2] as number) >>> 0)
  }
  return new Float64Column(type, values, validity)
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
