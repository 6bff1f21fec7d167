/**
 * Many rows as JSON objects in one call, in WebAssembly (wasm/row-writer.ts): byte by byte what
 * `JsonEncoder` writes, the clear version. The cells of the rows are put one behind the other into
 * its memory, so what a batch holds beside them costs nothing. Columns of text, numbers, booleans
 * and times are written so; where there is another, no row is.
 *
 * Perf: with what it takes to make records of them, 2,048 rows of text and a number take a third
 * of the CPU of those one by one; with doubles of 17 digits between a quarter and a fifth (in
 * turns, on a busy machine).
 */
import type { Batch } from '../../batch/batch.ts'
import {
  BooleanColumn,
  type Column,
  Float64Column,
  Int32Column,
  Int64Column,
  StringColumn,
} from '../../batch/column.ts'
import { gatherBytes, gatherSizes } from '../../batch/gather-ranges.ts'
import { getBit } from '../../util/bitmap.ts'
import type { ColumnWritten } from '../json-encoder.ts'
import type { RowsWritten } from '../rows-encoder.ts'
import type { RowsMemory } from './rows-memory.ts'

/** By their numbers in wasm/row-writer.ts; times by their units. */
const KINDS = ['string', 'float64', 'int32', 'int64', 'number', 'boolean', 's', 'ms', 'us', 'ns']
const COLUMN_BYTES = 24
/** May be read and written behind what is there. */
const SLACK_BYTES = 64
/** Of a cell and what is around it, beside its text. */
const CELL_BYTES = 64
/** A byte of text may become six. */
const ESCAPE_BYTES = 6
/** Fewer cost less one by one: to hand them over takes some microseconds. */
const ROWS_MIN = 16
/** Of text, in a batch. */
const TEXT_BYTES_MAX = 16 * 1024 * 1024
/** Rows behind it are written one by one. */
const OUT_BYTES_MAX = 32 * 1024 * 1024

interface Cells {
  readonly column: Column
  /** Of text. */
  readonly sizes: Int32Array | null
}

export class RowWriter {
  readonly #memory: RowsMemory
  readonly #columns: readonly ColumnWritten[]
  readonly #table: Buffer
  /** Of all columns, each with what may be read behind it. */
  readonly #labels: Buffer
  readonly #rowBytes: number
  readonly #rowsMin: number

  constructor(
    columns: readonly ColumnWritten[],
    labels: readonly Uint8Array[],
    memory: RowsMemory,
    rowsMin: number = ROWS_MIN,
  ) {
    this.#memory = memory
    this.#columns = columns
    this.#rowsMin = rowsMin
    this.#labels = Buffer.concat(labels.flatMap(label => [label, Buffer.alloc(SLACK_BYTES)]))
    this.#rowBytes = this.#labels.length + (labels.length + 1) * CELL_BYTES
    this.#table = Buffer.alloc(columns.length * COLUMN_BYTES)
    let at = memory.start + this.#table.length
    for (const [position, label] of labels.entries()) {
      this.#table.writeInt32LE(label.length, position * COLUMN_BYTES + 4)
      this.#table.writeInt32LE(at, position * COLUMN_BYTES + 8)
      at += label.length + SLACK_BYTES
    }
  }

  /** Null: it did nothing. What it gives is valid until any is written. */
  write(batch: Batch, rows: Int32Array): RowsWritten | null {
    if (rows.length < this.#rowsMin) return null
    const cells: Cells[] = []
    let textBytes = 0
    for (const [position, written] of this.#columns.entries()) {
      const column = batch.columns[written.position] as Column
      const kind = kindOf(column, written)
      if (kind < 0) return null
      const sizes = column instanceof StringColumn ? new Int32Array(rows.length) : null
      if (sizes !== null) textBytes += gatherSizes(column as StringColumn, rows, sizes)
      this.#table.writeInt32LE(kind, position * COLUMN_BYTES)
      cells.push({ column, sizes })
    }
    return textBytes > TEXT_BYTES_MAX ? null : this.#written(cells, rows, textBytes)
  }

  #written(cells: readonly Cells[], rows: Int32Array, textBytes: number): RowsWritten | null {
    const { start } = this.#memory
    const head = start + this.#table.length + this.#labels.length
    // Of each column: cells or sizes, and nulls.
    const cellsBytes = (rows.length * 10 + 2 * 8) * cells.length + rows.length * 4
    const out = align(head + cellsBytes + textBytes + (cells.length + 1) * SLACK_BYTES)
    const most = Math.min(rows.length * this.#rowBytes + textBytes * ESCAPE_BYTES, OUT_BYTES_MAX)
    const bytes = this.#memory.atLeast(out + most + SLACK_BYTES)
    if (bytes === null) return null
    const sizesAt = align(head)
    let at = align(sizesAt + rows.length * 4)
    for (const [position, each] of cells.entries()) {
      at = this.#put(each, rows, bytes, at, position * COLUMN_BYTES)
    }
    bytes.set(this.#table, start)
    bytes.set(this.#labels, start + this.#table.length)
    const columnsEnd = start + this.#table.length
    const { length } = rows
    const end = this.#memory.write(start, columnsEnd, 0, length, sizesAt, out, out + most)
    const sizes = new Int32Array(bytes.buffer, sizesAt, length).slice().fill(-1, end)
    return { bytes: bytes.subarray(out, this.#memory.outEnd), sizes }
  }

  /** The cells of a column, from `from` on. @param entry of the column in the table */
  #put({ column, sizes }: Cells, rows: Int32Array, bytes: Buffer, from: number, entry: number) {
    let at = from
    this.#table.writeInt32LE(at, entry + 12)
    const { buffer } = bytes
    const { length } = rows
    if (column instanceof StringColumn) {
      this.#table.writeInt32LE(at, entry + 16)
      const text = align(at + 4 * length)
      this.#table.writeInt32LE(text, entry + 12)
      if (sizes !== null) new Int32Array(buffer, at, length).set(sizes)
      at = gatherBytes(column, rows, bytes, text) + SLACK_BYTES
    } else if (column instanceof Float64Column) {
      putDoubles(column.values, rows, new Float64Array(buffer, at, length))
      at += 8 * length
    } else if (column instanceof Int32Column) {
      putIntegers(column.values, rows, new Int32Array(buffer, at, length))
      at += 4 * length
    } else if (column instanceof Int64Column) {
      putWords(column.words, rows, new Int32Array(buffer, at, 2 * length))
      at += 8 * length
    } else if (column instanceof BooleanColumn) {
      putBits(column.bits, rows, bytes, at, 1)
      at += length
    }
    this.#table.writeInt32LE(column.validity === null ? 0 : at, entry + 20)
    if (column.validity !== null) {
      putBits(column.validity, rows, bytes, at, 0)
      at += length
    }
    return align(at)
  }
}

/** -1 = it is not written here. */
function kindOf(column: Column, { type }: ColumnWritten): number {
  if (type.kind === 'timestamp') {
    const isPlain = column instanceof Int64Column && column.type.kind === 'timestamp'
    return isPlain ? KINDS.indexOf(type.unit ?? 'ms') : -1
  }
  if (type.kind !== column.type.kind || type.as !== column.type.as) return -1
  if (column instanceof Int64Column) {
    return type.kind === 'int64' ? KINDS.indexOf(type.as === 'number' ? 'number' : 'int64') : -1
  }
  const isPlain =
    column instanceof StringColumn ||
    column instanceof Float64Column ||
    column instanceof Int32Column ||
    column instanceof BooleanColumn
  return isPlain ? KINDS.indexOf(type.kind) : -1
}

function align(place: number): number {
  return Math.ceil(place / 8) * 8
}

function putDoubles(values: Float64Array, rows: Int32Array, to: Float64Array): void {
  for (let i = 0; i < rows.length; i++) to[i] = values[rows[i] as number] as number
}

function putIntegers(values: Int32Array, rows: Int32Array, to: Int32Array): void {
  for (let i = 0; i < rows.length; i++) to[i] = values[rows[i] as number] as number
}

function putWords(words: Int32Array, rows: Int32Array, to: Int32Array): void {
  for (let i = 0; i < rows.length; i++) {
    const word = 2 * (rows[i] as number)
    to[2 * i] = words[word] as number
    to[2 * i + 1] = words[word + 1] as number
  }
}

/** A byte a bit: 1 where it is `bit`. */
function putBits(bits: Uint8Array, rows: Int32Array, bytes: Buffer, at: number, bit: 0 | 1): void {
  for (let i = 0; i < rows.length; i++) {
    bytes[at + i] = getBit(bits, rows[i] as number) === (bit === 1) ? 1 : 0
  }
}
