/** Builds lists and structs cell by cell, from arrays and objects. */
import type { DataType, Field } from '../schema/data-type.ts'
import type { CellValue, Column } from './column.ts'
import type { ColumnBuilder } from './column-builder.ts'
import { ListColumn, StructColumn } from './nested-column.ts'
import type { Row } from './row.ts'
import { Validity } from './validity.ts'

const INITIAL_CELLS = 64

export class ListBuilder implements ColumnBuilder {
  length = 0
  readonly #type: DataType
  readonly #items: ColumnBuilder
  readonly #validity = new Validity()
  #offsets = new Int32Array(INITIAL_CELLS + 1)

  constructor(type: DataType, items: ColumnBuilder) {
    this.#type = type
    this.#items = items
  }

  append(value: CellValue): void {
    const index = this.length++
    if (index + 1 === this.#offsets.length) {
      const grown = new Int32Array(index * 2 + 1)
      grown.set(this.#offsets)
      this.#offsets = grown
    }
    this.#validity.append(value !== null)
    if (value !== null) for (const item of value as CellValue[]) this.#items.append(item)
    this.#offsets[index + 1] = this.#items.length
  }

  build(): Column {
    const offsets = this.#offsets.subarray(0, this.length + 1)
    return new ListColumn(this.#type, offsets, this.#items.build(), this.#validity.build())
  }
}

export class StructBuilder implements ColumnBuilder {
  length = 0
  readonly #type: DataType
  readonly #columns: readonly ColumnBuilder[]
  readonly #validity = new Validity()

  constructor(type: DataType, columns: readonly ColumnBuilder[]) {
    this.#type = type
    this.#columns = columns
  }

  append(value: CellValue): void {
    this.length++
    this.#validity.append(value !== null)
    const { fields } = this.#type
    for (let i = 0; i < fields.length; i++) {
      const cell = value === null ? null : (value as Row)[(fields[i] as Field).name]
      ;(this.#columns[i] as ColumnBuilder).append(cell ?? null)
    }
  }

  build(): Column {
    const columns = this.#columns.map(column => column.build())
    return new StructColumn(this.#type, this.length, columns, this.#validity.build())
  }
}
