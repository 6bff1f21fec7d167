/**
 * Rows of an internal topic to columns, with no object or text per cell. It reads rows of the
 * reader's own fields in the forms that `operator/row-columns.ts` writes, and leaves all others to
 * the clear version, `rowReader` of record/format/row-format.ts.
 */
import type { Column } from '../batch/column.ts'
import { putHalves } from '../batch/column-builder.ts'
import { rowHead } from '../record/format/row-format.ts'
import {
  BIGINT,
  FLOAT64,
  NULL,
  TEXT,
  TIMESTAMP,
  TRUE,
  WHOLE,
} from '../record/format/tagged-value.ts'
import type { DataType } from '../schema/data-type.ts'
import type { Field, Schema } from '../schema/schema.ts'
import {
  type AnyScanCells,
  BooleanCells,
  Float64Cells,
  Int32Cells,
  Int64Cells,
  StringCells,
  scanCells,
} from '../serde/json-scan/scan-cells.ts'
import type { RawBatch } from '../transport/raw-records.ts'
import { clearBit, setBit } from '../util/bitmap.ts'

const KINDS: readonly DataType['kind'][] = [
  ...(['string', 'boolean', 'int32', 'int64', 'float64', 'timestamp'] as const),
]

/** Behind the value that was read last. */
let position = 0
/** The number that was read last. */
let number = 0

export class RepartitionRows {
  readonly #fields: readonly Field[]
  readonly #head: Buffer
  #raw!: RawBatch
  #view!: DataView
  #cells: readonly AnyScanCells[] = []

  /** Null: rows have a column of another kind, or whole objects. */
  static of({ fields, isOpen }: Schema): RepartitionRows | null {
    const isPlain = !isOpen && fields.every(({ type }) => KINDS.includes(type.kind))
    return isPlain ? new RepartitionRows(fields) : null
  }

  private constructor(fields: readonly Field[]) {
    this.#fields = fields
    this.#head = rowHead(fields, false)
  }

  /** Begins so many rows of a batch. */
  begin(raw: RawBatch, count: number): void {
    const { data } = raw
    this.#raw = raw
    this.#view = new DataView(data.buffer, data.byteOffset, data.byteLength)
    this.#cells = this.#fields.map(({ type }) => scanCells(type, count))
  }

  /** Reads record `index` into row `row`; false: it has to be `put`. */
  read(index: number, row: number): boolean {
    const { data, valueStart, valueSize } = this.#raw
    const head = this.#head
    const start = valueStart[index] as number
    const end = start + (valueSize[index] as number)
    if (end - start < head.length) return false
    for (let i = 0; i < head.length; i++) if (data[start + i] !== head[i]) return false
    position = start + head.length
    for (let c = 0; c < this.#cells.length; c++) {
      if (!this.#readCell(this.#cells[c] as AnyScanCells, row, end)) return false
    }
    return position === end
  }

  put(row: number, cells: readonly Parameters<AnyScanCells['put']>[1][]): void {
    for (const [c, each] of this.#cells.entries()) each.put(row, cells[c] ?? null)
  }

  columns(): Column[] {
    return this.#cells.map(cells => cells.build(this.#raw.data))
  }

  #readCell(cells: AnyScanCells, row: number, end: number): boolean {
    if (position >= end) return false
    const { data } = this.#raw
    const tag = data[position++] as number
    if (tag === NULL) {
      cells.setNull(row)
      return cells.type.isNullable
    }
    if (cells instanceof StringCells) {
      if (tag !== TEXT || !readUnsigned(data, end) || position + number > end) return false
      cells.values[row] = position
      cells.size[row] = number
      position += number
      return true
    }
    if (cells instanceof BooleanCells) {
      if (tag > TRUE) return false
      if (tag === TRUE) setBit(cells.values, row)
      else clearBit(cells.values, row)
      return true
    }
    if (cells instanceof Float64Cells && tag === FLOAT64) {
      if (position + 8 > end) return false
      cells.values[row] = this.#view.getFloat64(position)
      position += 8
      return true
    }
    return this.#readWhole(cells, tag, row, end)
  }

  #readWhole(cells: AnyScanCells, tag: number, row: number, end: number): boolean {
    const { kind, as } = cells.type
    if (cells instanceof Int64Cells && tag === BIGINT && as === 'bigint' && kind === 'int64') {
      if (position + 8 > end) return false
      cells.values[row * 2 + 1] = this.#view.getInt32(position)
      cells.values[row * 2] = this.#view.getInt32(position + 4)
      position += 8
      return true
    }
    if (tag !== (kind === 'timestamp' ? TIMESTAMP : WHOLE)) return false
    if (!readUnsigned(this.#raw.data, end)) return false
    const value = number % 2 === 0 ? number / 2 : -(number + 1) / 2
    if (cells instanceof Int64Cells) {
      putHalves(cells.values, row, value)
      return true
    }
    if (cells instanceof Float64Cells) cells.values[row] = value
    else if (cells instanceof Int32Cells && value === (value | 0)) cells.values[row] = value
    else return false
    return true
  }
}

/** A varint at `position`; false: it is cut off, or has more than 53 bits. */
function readUnsigned(data: Buffer, end: number): boolean {
  let value = 0
  let scale = 1
  for (let i = 0; i < 8 && position < end; i++) {
    const byte = data[position++] as number
    value += (byte & 0x7f) * scale
    if (value > Number.MAX_SAFE_INTEGER) return false
    if (byte < 0x80) {
      number = value
      return true
    }
    scale *= 0x80
  }
  return false
}
