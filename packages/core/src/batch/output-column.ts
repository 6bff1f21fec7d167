/**
 * The column that generated code computes: written at the index of each record that stays, in
 * ascending order. Records that are not written have no cell, or none that anybody reads.
 */

import type { DataType } from '../schema/data-type.ts'
import { bitmapBytes, clearBit, setBit } from '../util/bitmap.ts'
import {
  BooleanColumn,
  type CellValue,
  type Column,
  Float64Column,
  Int32Column,
  Int64Column,
} from './column.ts'
import { type ColumnBuilder, columnBuilder, putHalves } from './column-builder.ts'

export interface OutputColumn {
  /** Where generated code writes itself: numbers, halves of 64-bit integers, or bits. */
  readonly values: Float64Array | Int32Array | Uint8Array | null
  /** A bit for each cell that is there; null = all are. */
  readonly validity: Uint8Array | null
  put(index: number, cell: CellValue): void
  column(): Column
}

/** @param mayBeNull false: every record of the batch that stays will have a cell. */
export function outputColumn(type: DataType, length: number, mayBeNull: boolean): OutputColumn {
  switch (type.kind) {
    case 'float64':
    case 'int32':
    case 'int64':
    case 'timestamp':
    case 'boolean':
      return new FixedOutput(type, length, mayBeNull)
    default:
      return new BuiltOutput(type, length)
  }
}

class FixedOutput implements OutputColumn {
  readonly values: Float64Array | Int32Array | Uint8Array
  validity: Uint8Array | null
  readonly #type: DataType
  readonly #length: number

  constructor(type: DataType, length: number, mayBeNull: boolean) {
    this.#type = type
    this.#length = length
    this.values = valuesOf(type, length)
    this.validity = mayBeNull ? new Uint8Array(bitmapBytes(length)) : null
  }

  put(index: number, cell: CellValue): void {
    if (cell === null) {
      this.validity ??= new Uint8Array(bitmapBytes(this.#length)).fill(0xff)
      clearBit(this.validity, index)
      return
    }
    if (this.validity !== null) setBit(this.validity, index)
    const { values } = this
    const { kind } = this.#type
    if (kind === 'boolean') {
      if (cell === true) setBit(values as Uint8Array, index)
    } else if (kind === 'int64' || kind === 'timestamp') {
      if (typeof cell === 'number') putHalves(values as Int32Array, index, cell)
      else new BigInt64Array(values.buffer)[index] = cell as bigint
    } else values[index] = cell as number
  }

  column(): Column {
    const { values, validity } = this
    const type = this.#type
    if (type.kind === 'float64') return new Float64Column(type, values as Float64Array, validity)
    if (type.kind === 'int32') return new Int32Column(type, values as Int32Array, validity)
    if (type.kind === 'boolean') {
      return new BooleanColumn(type, this.#length, values as Uint8Array, validity)
    }
    return new Int64Column(type, new BigInt64Array(values.buffer as ArrayBuffer), validity)
  }
}

function valuesOf({ kind }: DataType, length: number): Float64Array | Int32Array | Uint8Array {
  if (kind === 'float64') return new Float64Array(length)
  if (kind === 'boolean') return new Uint8Array(bitmapBytes(length))
  return new Int32Array(kind === 'int32' ? length : length * 2)
}

/** Text, bytes and json, by the builder of their type. */
class BuiltOutput implements OutputColumn {
  readonly values = null
  readonly validity = null
  readonly #builder: ColumnBuilder
  readonly #length: number
  #next = 0

  constructor(type: DataType, length: number) {
    this.#builder = columnBuilder(type)
    this.#length = length
  }

  put(index: number, cell: CellValue): void {
    this.#fill(index)
    this.#builder.append(cell)
    this.#next = index + 1
  }

  column(): Column {
    this.#fill(this.#length)
    return this.#builder.build()
  }

  #fill(until: number): void {
    for (; this.#next < until; this.#next++) this.#builder.append(null)
  }
}
