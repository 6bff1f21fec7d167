/**
 * Lists and structs as Arrow lays them out: the columns of what is in them, and for lists where
 * each begins and ends. A cell is an array or an object, made anew each time it is asked for.
 */
import type { CellValue } from '../record/cell-value.ts'
import type { DataType, Field } from '../schema/data-type.ts'
import { type Column, ColumnBase } from './column.ts'
import { type Row, setOwn } from './row.ts'

/** Cell i is items `offsets[i]` to `offsets[i + 1]`, not in. */
export class ListColumn extends ColumnBase {
  readonly offsets: Int32Array
  readonly items: Column

  constructor(type: DataType, offsets: Int32Array, items: Column, validity: Uint8Array | null) {
    super(type, offsets.length - 1, validity)
    this.offsets = offsets
    this.items = items
  }

  get(index: number): CellValue[] | null {
    if (this.isNull(index)) return null
    const start = this.offsets[index] as number
    const cells: CellValue[] = []
    for (let i = start; i < (this.offsets[index + 1] as number); i++) cells.push(this.items.get(i))
    return cells
  }
}

/** Cell i is an object of the cells i of its fields; where it is null, theirs mean nothing. */
export class StructColumn extends ColumnBase {
  /** One per field of the type, in its order. */
  readonly columns: readonly Column[]

  constructor(
    type: DataType,
    length: number,
    columns: readonly Column[],
    validity: Uint8Array | null,
  ) {
    super(type, length, validity)
    this.columns = columns
  }

  get(index: number): Row | null {
    if (this.isNull(index)) return null
    const { fields } = this.type
    const row: Row = {}
    for (let i = 0; i < fields.length; i++) {
      setOwn(row, (fields[i] as Field).name, (this.columns[i] as Column).get(index))
    }
    return row
  }
}
