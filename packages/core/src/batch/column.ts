/**
 * Columns: the values of one field for all records of a batch.
 *
 * Numbers, booleans, times and decimals are laid out as Arrow lays them out (typed array + validity
 * bitmap, least significant bit first), and so are lists and structs (`nested-column.ts`); strings
 * and bytes are ranges into one byte buffer; `json` holds JavaScript values. A cell is read with
 * `get(index)`, which gives null for null. `validity` is null when no cell is null. Columns never
 * change once built.
 */
import type { CellValue } from '../record/cell-value.ts'
import type { DataType } from '../schema/data-type.ts'
import { getBit } from '../util/bitmap.ts'
import { decimalText } from '../util/decimal.ts'
import { textOfBytes } from '../util/text-of-bytes.ts'

export type { CellValue }

export interface Column {
  readonly type: DataType
  readonly length: number
  /** Bit set = value present; null = every value present. */
  readonly validity: Uint8Array | null
  isNull(index: number): boolean
  get(index: number): CellValue
}

/** @internal What the columns of core share. */
export abstract class ColumnBase implements Column {
  readonly type: DataType
  readonly length: number
  readonly validity: Uint8Array | null

  constructor(type: DataType, length: number, validity: Uint8Array | null) {
    this.type = type
    this.length = length
    this.validity = validity
  }

  isNull(index: number): boolean {
    return this.validity !== null && !getBit(this.validity, index)
  }

  /** Each class has its own, so that a call knows which one it is. */
  abstract get(index: number): CellValue
}

export class Float64Column extends ColumnBase {
  readonly values: Float64Array

  constructor(type: DataType, values: Float64Array, validity: Uint8Array | null) {
    super(type, values.length, validity)
    this.values = values
  }

  get(index: number): number | null {
    return this.isNull(index) ? null : (this.values[index] as number)
  }
}

export class Int32Column extends ColumnBase {
  readonly values: Int32Array

  constructor(type: DataType, values: Int32Array, validity: Uint8Array | null) {
    super(type, values.length, validity)
    this.values = values
  }

  get(index: number): number | null {
    return this.isNull(index) ? null : (this.values[index] as number)
  }
}

/**
 * 64-bit integers; a cell is a bigint, or an exact number where the type says `as number` or is a
 * timestamp.
 */
export class Int64Column extends ColumnBase {
  readonly values: BigInt64Array
  /** The same bytes in halves, the lower one first. */
  readonly words: Int32Array
  readonly #isBigInt: boolean

  constructor(type: DataType, values: BigInt64Array, validity: Uint8Array | null) {
    super(type, values.length, validity)
    this.values = values
    this.words = new Int32Array(values.buffer, values.byteOffset, values.length * 2)
    this.#isBigInt = type.kind === 'int64' && type.as === 'bigint'
  }

  get(index: number): number | bigint | null {
    if (this.isNull(index)) return null
    return this.#isBigInt ? (this.values[index] as bigint) : this.number(index)
  }

  /** The cell as a number, exact below 2^53, without making a bigint. */
  number(index: number): number {
    const low = (this.words[index * 2] as number) >>> 0
    return (this.words[index * 2 + 1] as number) * 0x1_0000_0000 + low
  }
}

/**
 * Decimals as Arrow's decimal128: 16 bytes a cell, the smallest units in two's complement, the
 * lowest byte first. A cell is text with all digits of the type's scale.
 */
export class DecimalColumn extends ColumnBase {
  /** Two a cell, the lower half first. */
  readonly values: BigInt64Array
  /** The same bytes, four a cell. */
  readonly words: Int32Array

  constructor(type: DataType, values: BigInt64Array, validity: Uint8Array | null) {
    super(type, values.length / 2, validity)
    this.values = values
    this.words = new Int32Array(values.buffer, values.byteOffset, values.length * 2)
  }

  get(index: number): string | null {
    if (this.isNull(index)) return null
    const units = this.number(index)
    return decimalText(Number.isNaN(units) ? this.unscaled(index) : units, this.type.scale)
  }

  /** The smallest units of the cell. */
  unscaled(index: number): bigint {
    const low = BigInt.asUintN(64, this.values[index * 2] as bigint)
    return ((this.values[index * 2 + 1] as bigint) << 64n) | low
  }

  /** The smallest units as a number; NaN beyond 2^53, where it would not be exact. */
  number(index: number): number {
    const { words } = this
    const high = words[index * 4 + 1] as number
    const sign = high >> 31
    if (words[index * 4 + 2] !== sign || words[index * 4 + 3] !== sign) return Number.NaN
    const units = high * 0x1_0000_0000 + ((words[index * 4] as number) >>> 0)
    return Number.isSafeInteger(units) ? units : Number.NaN
  }
}

export class BooleanColumn extends ColumnBase {
  readonly bits: Uint8Array

  constructor(type: DataType, length: number, bits: Uint8Array, validity: Uint8Array | null) {
    super(type, length, validity)
    this.bits = bits
  }

  get(index: number): boolean | null {
    return this.isNull(index) ? null : getBit(this.bits, index)
  }
}

/** Cell i is `data[start[i], start[i] + size[i])`. */
export class BytesColumn extends ColumnBase {
  readonly data: Uint8Array
  readonly start: Int32Array
  readonly size: Int32Array

  constructor(
    type: DataType,
    ranges: { data: Uint8Array; start: Int32Array; size: Int32Array },
    validity: Uint8Array | null,
  ) {
    super(type, ranges.start.length, validity)
    this.data = ranges.data
    this.start = ranges.start
    this.size = ranges.size
  }

  get(index: number): Uint8Array | null {
    if (this.isNull(index)) return null
    const start = this.start[index] as number
    return this.data.subarray(start, start + (this.size[index] as number))
  }
}

/**
 * Text as ranges of valid UTF-8; a JavaScript string is made only when a cell is asked for, and
 * kept.
 */
export class StringColumn extends ColumnBase {
  readonly data: Buffer
  readonly start: Int32Array
  readonly size: Int32Array
  #strings: (string | undefined)[] | null = null

  constructor(
    type: DataType,
    ranges: { data: Uint8Array; start: Int32Array; size: Int32Array },
    validity: Uint8Array | null,
  ) {
    super(type, ranges.start.length, validity)
    const { data } = ranges
    this.data = Buffer.from(data.buffer, data.byteOffset, data.byteLength)
    this.start = ranges.start
    this.size = ranges.size
  }

  get(index: number): string | null {
    const text = this.once(index)
    if (text !== null) {
      this.#strings ??= new Array(this.length)
      this.#strings[index] = text
    }
    return text
  }

  /** The same for who asks for a cell once: a new string is not kept. */
  once(index: number): string | null {
    if (this.isNull(index)) return null
    const known = this.#strings?.[index]
    if (known !== undefined) return known
    const start = this.start[index] as number
    return textOfBytes(this.data, start, start + (this.size[index] as number))
  }
}

export class JsonColumn extends ColumnBase {
  readonly #values: readonly CellValue[]

  constructor(type: DataType, values: readonly CellValue[]) {
    super(type, values.length, null)
    this.#values = values
  }

  get values(): readonly CellValue[] {
    return this.#values
  }

  override isNull(index: number): boolean {
    return this.#values[index] === null || this.#values[index] === undefined
  }

  get(index: number): CellValue {
    return this.#values[index] ?? null
  }
}
