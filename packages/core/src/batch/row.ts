/**
 * A record's value as the plain object that functions, sources and sinks see.
 *
 * Columns named `__proto__` and the like are ordinary own properties. In an open batch the
 * undeclared columns come first, as they were in the record.
 */
import type { Batch } from './batch.ts'
import type { CellValue, Column } from './column.ts'

export type Row = Record<string, CellValue>

/** Reads rows of one batch: `rowsOf(batch)(index)`; the object is new and belongs to the caller. */
export function rowsOf(batch: Batch): (index: number) => Row {
  const { columns, rest } = batch
  const names = batch.schema.names
  const isPlain = !names.includes('__proto__')
  return index => {
    const row: Row = rest === null ? {} : copyOf(rest.get(index))
    for (let i = 0; i < columns.length; i++) {
      const cell = (columns[i] as Column).get(index)
      if (isPlain) row[names[i] as string] = cell
      else setOwn(row, names[i] as string, cell)
    }
    return row
  }
}

/** Sets an own property whatever its name is. */
export function setOwn(row: Row, name: string, value: CellValue): void {
  if (name === '__proto__') {
    Object.defineProperty(row, name, {
      value,
      writable: true,
      enumerable: true,
      configurable: true,
    })
  } else row[name] = value
}

function copyOf(value: CellValue): Row {
  return typeof value === 'object' && value !== null ? { ...(value as Row) } : {}
}
