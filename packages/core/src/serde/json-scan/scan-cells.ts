/**
 * The cells of one column while a batch is scanned: typed arrays of the batch's length, laid out
 * as the column will be. The generated scan writes into them by index; `put` writes any cell, for
 * records that the clear decoder has read. A record may be written twice, the last time counts.
 */
import {
  BooleanColumn,
  type CellValue,
  type Column,
  DecimalColumn,
  Float64Column,
  Int32Column,
  Int64Column,
  StringColumn,
} from '../../batch/column.ts'
import { columnOf, putHalves } from '../../batch/column-builder.ts'
import type { DataType } from '../../schema/data-type.ts'
import { bitmapBytes, clearBit, setBit } from '../../util/bitmap.ts'
import { ByteWriter } from '../../util/byte-writer.ts'
import { unscaledAt } from '../../util/decimal.ts'
import { JsonTextColumn } from './json-text-column.ts'
import { writeUnescaped } from './write-unescaped.ts'

/** @internal */
export abstract class ScanCells {
  readonly type: DataType
  /** Bit set = value present. */
  readonly present: Uint8Array
  hasNulls = false

  constructor(type: DataType, count: number) {
    this.type = type
    this.present = new Uint8Array(bitmapBytes(count)).fill(0xff)
  }

  setNull(index: number): void {
    this.hasNulls = true
    clearBit(this.present, index)
  }

  put(index: number, cell: CellValue): void {
    if (cell === null) this.setNull(index)
    else {
      setBit(this.present, index)
      this.set(index, cell)
    }
  }

  protected abstract set(index: number, cell: NonNullable<CellValue>): void

  /** The column; `data` are the bytes that were scanned. */
  abstract build(data: Buffer): Column

  protected get validity(): Uint8Array | null {
    return this.hasNulls ? this.present : null
  }
}

/** @internal */
export class Float64Cells extends ScanCells {
  readonly values: Float64Array

  constructor(type: DataType, count: number) {
    super(type, count)
    this.values = new Float64Array(count)
  }

  protected override set(index: number, cell: NonNullable<CellValue>): void {
    this.values[index] = cell as number
  }

  override build(): Column {
    return new Float64Column(this.type, this.values, this.validity)
  }
}

/** @internal */
export class Int32Cells extends ScanCells {
  readonly values: Int32Array

  constructor(type: DataType, count: number) {
    super(type, count)
    this.values = new Int32Array(count)
  }

  protected override set(index: number, cell: NonNullable<CellValue>): void {
    this.values[index] = cell as number
  }

  override build(): Column {
    return new Int32Column(this.type, this.values, this.validity)
  }
}

/** @internal */
export class Int64Cells extends ScanCells {
  readonly #values: BigInt64Array
  /** The values as words, low before high. */
  readonly values: Int32Array

  constructor(type: DataType, count: number) {
    super(type, count)
    this.#values = new BigInt64Array(count)
    this.values = new Int32Array(this.#values.buffer)
  }

  protected override set(index: number, cell: NonNullable<CellValue>): void {
    if (typeof cell === 'number') putHalves(this.values, index, cell)
    else this.#values[index] = cell as bigint
  }

  override build(): Column {
    return new Int64Column(this.type, this.#values, this.validity)
  }
}

export class DecimalCells extends ScanCells {
  readonly #halves: BigInt64Array
  /** The units as words, the lowest first. */
  readonly values: Int32Array

  constructor(type: DataType, count: number) {
    super(type, count)
    this.#halves = new BigInt64Array(count * 2)
    this.values = new Int32Array(this.#halves.buffer)
  }

  protected override set(index: number, cell: NonNullable<CellValue>): void {
    const units = unscaledAt(cell as string, this.type.scale)
    this.#halves[index * 2] = units
    this.#halves[index * 2 + 1] = units >> 64n
  }

  override build(): Column {
    return new DecimalColumn(this.type, this.#halves, this.validity)
  }
}

/** @internal */
export class BooleanCells extends ScanCells {
  readonly values: Uint8Array
  readonly #count: number

  constructor(type: DataType, count: number) {
    super(type, count)
    this.values = new Uint8Array(bitmapBytes(count))
    this.#count = count
  }

  protected override set(index: number, cell: NonNullable<CellValue>): void {
    if (cell === true) setBit(this.values, index)
    else clearBit(this.values, index)
  }

  override build(): Column {
    return new BooleanColumn(this.type, this.#count, this.values, this.validity)
  }
}

/**
 * Strings are ranges of the bytes scanned. The text of others (escapes, cells from the clear
 * decoder) is kept aside; one of them in a batch and the column gets bytes of its own.
 */
export class StringCells extends ScanCells {
  /** Where each string starts; `~` of where it starts in the texts aside. */
  readonly values: Int32Array
  readonly size: Int32Array
  #aside: ByteWriter | null = null

  constructor(type: DataType, count: number) {
    super(type, count)
    this.values = new Int32Array(count)
    this.size = new Int32Array(count)
  }

  /** The string with escapes whose characters are `data[from, end)`. */
  setEscaped(index: number, data: Buffer, from: number, end: number): void {
    this.#aside ??= new ByteWriter()
    const before = this.#aside.size
    writeUnescaped(data, from, end, this.#aside)
    this.#setAside(index, before, this.#aside.size)
  }

  protected override set(index: number, cell: NonNullable<CellValue>): void {
    this.#aside ??= new ByteWriter()
    const before = this.#aside.size
    this.#aside.text(cell as string)
    this.#setAside(index, before, this.#aside.size)
  }

  #setAside(index: number, from: number, end: number): void {
    this.values[index] = ~from
    this.size[index] = end - from
  }

  override build(data: Buffer): Column {
    const own = this.#aside === null ? data : this.#joined(data, this.#aside.view())
    const ranges = { data: own, start: this.values, size: this.size }
    return new StringColumn(this.type, ranges, this.validity)
  }

  /**
   * The bytes of the batch and, behind them, the texts aside; the ranges lead there afterwards.
   * Perf: one copy of the whole is several times faster than one of each cell.
   */
  #joined(data: Buffer, aside: Buffer): Buffer {
    let first = data.length
    let end = 0
    for (let index = 0; index < this.values.length; index++) {
      const start = this.values[index] as number
      const size = this.size[index] as number
      if (start < 0 || size === 0) continue
      if (start < first) first = start
      if (start + size > end) end = start + size
    }
    const shared = data.subarray(first, end)
    for (let index = 0; index < this.values.length; index++) {
      const start = this.values[index] as number
      if (start < 0) this.values[index] = shared.length + ~start
      else this.values[index] = this.size[index] === 0 ? 0 : start - first
    }
    return Buffer.concat([shared, aside])
  }
}

/** Values as ranges of JSON text, read when they are asked for. */
export class JsonCells extends ScanCells {
  readonly values: Int32Array
  readonly size: Int32Array
  readonly #known: (CellValue | undefined)[]

  constructor(type: DataType, count: number) {
    super(type, count)
    this.values = new Int32Array(count)
    this.size = new Int32Array(count)
    this.#known = new Array(count)
  }

  override setNull(index: number): void {
    this.size[index] = 0
  }

  protected override set(index: number, cell: NonNullable<CellValue>): void {
    this.#known[index] = cell
  }

  override build(data: Buffer): Column {
    const ranges = { data, start: this.values, size: this.size }
    return new JsonTextColumn(this.type, ranges, this.#known)
  }
}

/** Lists and structs, made of their text one by one. */
export class NestedCells extends ScanCells {
  readonly values: CellValue[]

  constructor(type: DataType, count: number) {
    super(type, count)
    this.values = new Array(count).fill(null)
  }

  override setNull(index: number): void {
    this.values[index] = null
  }

  protected override set(index: number, cell: NonNullable<CellValue>): void {
    this.values[index] = cell
  }

  override build(): Column {
    return columnOf(this.type, this.values)
  }
}

/** Bytes, made of base64 text one by one: they are rare in JSON. */
export class BytesCells extends NestedCells {
  /** The bytes whose base64 text is `data[from, end)`. */
  setBase64(index: number, data: Buffer, from: number, end: number): void {
    this.values[index] = Buffer.from(data.toString('latin1', from, end), 'base64')
  }
}

export type AnyScanCells =
  | Float64Cells
  | Int32Cells
  | Int64Cells
  | DecimalCells
  | BooleanCells
  | StringCells
  | JsonCells
  | BytesCells
  | NestedCells

export function scanCells(type: DataType, count: number): AnyScanCells {
  switch (type.kind) {
    case 'string':
      return new StringCells(type, count)
    case 'boolean':
      return new BooleanCells(type, count)
    case 'int32':
      return new Int32Cells(type, count)
    case 'int64':
    case 'timestamp':
      return new Int64Cells(type, count)
    case 'float64':
      return new Float64Cells(type, count)
    case 'decimal':
      return new DecimalCells(type, count)
    case 'bytes':
      return new BytesCells(type, count)
    case 'list':
    case 'struct':
      return new NestedCells(type, count)
    case 'json':
      return new JsonCells(type, count)
  }
}
