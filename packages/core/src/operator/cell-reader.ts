import { type Batch, cellOf } from '../batch/batch.ts'
import type { CellValue, Column } from '../batch/column.ts'

/**
 * Binds to the columns of a batch once, then gives a cell per physical index; what an expression
 * becomes.
 */
export interface CellReader {
  (batch: Batch): (index: number) => CellValue
  /** The name of a column, when a cell is nothing but what stands there. */
  readonly column?: string
}

/**
 * Reads a column by name; undeclared columns of an open batch are looked up in the record's value.
 */
export function cellReaderOf(batch: Batch, name: string): (index: number) => CellValue {
  const position = batch.schema.indexOf(name)
  if (position < 0) return index => cellOf(batch, name, index)
  const column = batch.columns[position] as Column
  return index => column.get(index)
}
