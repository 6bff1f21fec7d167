/**
 * The cells of one column while a batch is scanned: typed arrays of the batch's length, laid out
 * as the column will be. The generated scan writes into them by index; `put` writes any cell, for
 * records that the clear decoder has read. A record may be written twice, the last time counts.
 */
import {
  BooleanCells,
  BytesColumn,
  ByteWriter,
  type CellValue,
  type Column,
  type DataType,
  DecimalColumn,
  Float64Cells,
  Int32Cells,
  Int64Cells,
  ScanCells,
  StringColumn,
  unscaledAt,
} from '@millrace/core'
import { decimalText, unscaled } from './decimal.ts'
import { LazyValueColumn } from './lazy-value-column.ts'
import { uuidText } from './uuid.ts'
import type { ValueReader } from './value-reader.ts'

export class DecimalCells extends ScanCells {
  /** Two a cell, the lower half first. */
  readonly values: BigInt64Array
  readonly #words: Int32Array

  constructor(type: DataType, count: number) {
    super(type, count)
    this.values = new BigInt64Array(count * 2)
    this.#words = new Int32Array(this.values.buffer)
  }

  /** The number of smallest units that `data[from, end)` are. */
  setDecimal(index: number, data: Buffer, from: number, end: number): void {
    const units = unscaled(data, from, end)
    if (typeof units === 'bigint') {
      this.#set(index, units)
      return
    }
    const high = Math.floor(units / 0x1_0000_0000)
    this.#words[index * 4] = units
    this.#words[index * 4 + 1] = high
    this.#words[index * 4 + 2] = this.#words[index * 4 + 3] = high >> 31
  }

  protected override set(index: number, cell: NonNullable<CellValue>): void {
    this.#set(index, unscaledAt(cell as string, this.type.scale))
  }

  #set(index: number, units: bigint): void {
    this.values[index * 2] = units
    this.values[index * 2 + 1] = units >> 64n
  }

  override build(): Column {
    return new DecimalColumn(this.type, this.values, this.validity)
  }
}

/**
 * Text and bytes as ranges of the bytes scanned. What is not there as it is (decimals, symbols,
 * defaults) is kept aside; one of them in a batch and the column gets bytes of its own.
 */
export class RangeCells extends ScanCells {
  /** Where each cell starts; `~` of where it starts in what is kept aside. */
  readonly values: Int32Array
  readonly size: Int32Array
  /** Of the symbols of an enum, as `values` and `size` would have them. */
  readonly symbolStart: Int32Array
  readonly symbolSize: Int32Array
  #aside: ByteWriter | null = null
  /** A default comes again with each record. */
  #last: CellValue = null
  #lastFrom = 0
  #lastSize = 0

  constructor(type: DataType, count: number, symbols: readonly string[]) {
    super(type, count)
    this.values = new Int32Array(count)
    this.size = new Int32Array(count)
    this.symbolStart = new Int32Array(symbols.length)
    this.symbolSize = new Int32Array(symbols.length)
    for (const [i, symbol] of symbols.entries()) {
      this.symbolStart[i] = ~this.#text(symbol)
      this.symbolSize[i] = symbol.length
    }
  }

  setDecimal(index: number, data: Buffer, from: number, end: number, scale: number): void {
    this.set(index, decimalText(data, from, end, scale))
  }

  setUuid(index: number, data: Buffer, from: number, end: number): void {
    this.set(index, uuidText(data, from, end))
  }

  protected override set(index: number, cell: NonNullable<CellValue>): void {
    if (cell !== this.#last) {
      this.#lastFrom = typeof cell === 'string' ? this.#text(cell) : this.#bytes(cell as Uint8Array)
      this.#last = cell
      this.#lastSize = (this.#aside as ByteWriter).size - this.#lastFrom
    }
    this.values[index] = ~this.#lastFrom
    this.size[index] = this.#lastSize
  }

  #text(text: string): number {
    this.#aside ??= new ByteWriter()
    const from = this.#aside.size
    this.#aside.text(text)
    return from
  }

  #bytes(bytes: Uint8Array): number {
    this.#aside ??= new ByteWriter()
    const from = this.#aside.size
    this.#aside.bytes(bytes)
    return from
  }

  override build(data: Buffer): Column {
    const own = this.#aside === null ? data : this.#joined(data, this.#aside.view())
    const ranges = { data: own, start: this.values, size: this.size }
    const Constructor = this.type.kind === 'string' ? StringColumn : BytesColumn
    return new Constructor(this.type, ranges, this.validity)
  }

  /** Behind the bytes of the batch that are used, what is kept aside; the ranges lead there. */
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

/** Values as ranges of checked bytes, read when they are asked for. */
export class ValueCells extends ScanCells {
  readonly values: Int32Array
  readonly size: Int32Array
  /** Which of the readers reads each. */
  readonly by: Int32Array
  readonly #readers: ValueReader[] = []
  readonly #known: (CellValue | undefined)[]

  constructor(type: DataType, count: number) {
    super(type, count)
    this.values = new Int32Array(count)
    this.size = new Int32Array(count)
    this.by = new Int32Array(count)
    this.#known = new Array(count)
  }

  /** The number of a reader, for `by`. */
  use(reader: ValueReader): number {
    const known = this.#readers.lastIndexOf(reader)
    return known >= 0 ? known : this.#readers.push(reader) - 1
  }

  override setNull(index: number): void {
    this.#known[index] = null
  }

  override put(index: number, cell: CellValue): void {
    this.#known[index] = cell
  }

  protected override set(index: number, cell: NonNullable<CellValue>): void {
    this.#known[index] = cell
  }

  override build(data: Buffer): Column {
    const { values, size, by } = this
    const ranges = { data, start: values, size, by, readers: this.#readers }
    return new LazyValueColumn(this.type, ranges, this.#known)
  }
}

export type AnyAvroCells =
  | Float64Cells
  | Int32Cells
  | Int64Cells
  | BooleanCells
  | DecimalCells
  | RangeCells
  | ValueCells

/** @param symbols of the enum that the column holds, if it does. */
export function avroCells(
  type: DataType,
  count: number,
  symbols: readonly string[] = [],
): AnyAvroCells {
  switch (type.kind) {
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
    case 'string':
    case 'bytes':
      return new RangeCells(type, count, symbols)
    // No type of Avro is read as a list or a struct.
    case 'list':
    case 'struct':
    case 'json':
      return new ValueCells(type, count)
  }
}
