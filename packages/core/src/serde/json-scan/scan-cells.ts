/**
 * The cells of one column while a batch is scanned: typed arrays of the batch's length, laid out
 * as the column will be. The generated scan writes into them by index; `put` writes any cell, for
 * records that the clear decoder has read. A record may be written twice, the last time counts.
 */
import {
  BooleanColumn,
  type CellValue,
  type Column,
  Float64Column,
  Int32Column,
  Int64Column,
  StringColumn,
} from '../../batch/column.ts'
import { columnOf } from '../../batch/column-builder.ts'
import type { DataType } from '../../schema/data-type.ts'
import { bitmapBytes, clearBit, setBit } from '../../util/bitmap.ts'
import { JsonTextColumn } from './json-text-column.ts'

abstract class ScanCells {
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
    this.#values[index] = BigInt(cell as bigint | number)
  }

  override build(): Column {
    return new Int64Column(this.type, this.#values, this.validity)
  }
}

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
 * Strings are ranges of the bytes scanned. Those that are not (escapes, cells from the clear
 * decoder) are kept aside; one of them in a batch and the column gets bytes of its own.
 */
export class StringCells extends ScanCells {
  readonly values: Int32Array
  readonly size: Int32Array
  readonly #texts: Map<number, Buffer> = new Map()

  constructor(type: DataType, count: number) {
    super(type, count)
    this.values = new Int32Array(count)
    this.size = new Int32Array(count)
  }

  /** The string with escapes whose characters are `data[from, end)`. */
  setEscaped(index: number, data: Buffer, from: number, end: number): void {
    this.set(index, JSON.parse(data.toString('utf8', from - 1, end + 1)) as string)
  }

  protected override set(index: number, cell: NonNullable<CellValue>): void {
    this.#texts.set(index, Buffer.from(cell as string))
  }

  override build(data: Buffer): Column {
    const own = this.#texts.size === 0 ? data : this.#gather(data)
    const ranges = { data: own, start: this.values, size: this.size }
    return new StringColumn(this.type, ranges, this.validity)
  }

  /** The bytes of all cells, one behind the other; the ranges lead there afterwards. */
  #gather(data: Buffer): Buffer {
    for (const [index, text] of this.#texts) this.size[index] = text.length
    let total = 0
    for (const size of this.size) total += size
    const gathered = Buffer.allocUnsafeSlow(total)
    let at = 0
    for (let index = 0; index < this.size.length; index++) {
      const size = this.size[index] as number
      const start = this.values[index] as number
      const text = this.#texts.get(index)
      if (text === undefined) data.copy(gathered, at, start, start + size)
      else gathered.set(text, at)
      this.values[index] = at
      at += size
    }
    return gathered
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

/** Bytes, made of base64 text one by one: they are rare in JSON. */
export class BytesCells extends ScanCells {
  readonly values: CellValue[]

  constructor(type: DataType, count: number) {
    super(type, count)
    this.values = new Array(count).fill(null)
  }

  /** The bytes whose base64 text is `data[from, end)`. */
  setBase64(index: number, data: Buffer, from: number, end: number): void {
    this.values[index] = Buffer.from(data.toString('latin1', from, end), 'base64')
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

export type AnyScanCells =
  | Float64Cells
  | Int32Cells
  | Int64Cells
  | BooleanCells
  | StringCells
  | JsonCells
  | BytesCells

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
    case 'bytes':
      return new BytesCells(type, count)
    case 'json':
      return new JsonCells(type, count)
  }
}
