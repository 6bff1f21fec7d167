import Table from 'cli-table3'
import type { CellValue } from '../batch/column.ts'
import type { Row } from '../batch/row.ts'
import { type DataType, t } from '../schema/data-type.ts'
import type { Schema } from '../schema/schema.ts'
import { cellPrint, printable } from './cell-print.ts'

const NUMERIC: ReadonlySet<string> = new Set(['int32', 'int64', 'float64', 'decimal'])
const ANY_JSON = t.json().nullable()

const NO_LINES = {
  ...{ top: '', 'top-mid': '', 'top-left': '', 'top-right': '' },
  ...{ bottom: '', 'bottom-mid': '', 'bottom-left': '', 'bottom-right': '' },
  ...{ left: '', 'left-mid': '', mid: '', 'mid-mid': '', right: '', 'right-mid': '' },
  middle: '  ',
}

/**
 * Rows as lines of aligned text under a line of column names; numbers to the right. Undeclared
 * columns of an open schema come first, in the order they appear.
 */
export function rowTable(schema: Schema, rows: readonly Row[]): string[] {
  const names = columnNames(schema, rows)
  const types = names.map(name => (schema.has(name) ? schema.typeOf(name) : ANY_JSON))
  const cells = names.map(name => rows.map(row => ownCell(row, name)))
  const table = new Table({
    head: names.map(printable),
    chars: NO_LINES,
    colAligns: names.map((_, i) =>
      isNumeric(types[i] as DataType, cells[i] as CellValue[]) ? 'right' : 'left',
    ),
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
  })
  for (let r = 0; r < rows.length; r++) {
    table.push(
      names.map((name, i) => cellPrint(types[i] as DataType, name, cells[i]?.[r] as CellValue)),
    )
  }
  return table
    .toString()
    .split('\n')
    .map(line => line.trimEnd())
}

function columnNames(schema: Schema, rows: readonly Row[]): string[] {
  if (!schema.isOpen) return [...schema.names]
  const undeclared = rows.flatMap(row => Object.keys(row).filter(name => !schema.has(name)))
  return [...new Set(undeclared), ...schema.names]
}

function ownCell(row: Row, name: string): CellValue {
  return Object.hasOwn(row, name) ? (row[name] ?? null) : null
}

function isNumeric(type: DataType, cells: readonly CellValue[]): boolean {
  if (type.kind !== 'json') return NUMERIC.has(type.kind)
  const present = cells.filter(cell => cell !== null)
  return present.every(cell => typeof cell === 'number' || typeof cell === 'bigint')
}
