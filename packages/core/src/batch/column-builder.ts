/**
 * Builds columns cell by cell; one builder per kind of type.
 *
 * `append(null)` writes a null whether or not the type is nullable: tombstones have null cells in
 * every column. The caller checks values (`checkCell`); a builder trusts them.
 */
import type { DataType, TypeKind } from '../schema/data-type.ts'
import { bitmapBytes, setBit } from '../util/bitmap.ts'
import { unscaledAt } from '../util/decimal.ts'
import {
  BooleanColumn,
  BytesColumn,
  type CellValue,
  type Column,
  DecimalColumn,
  Float64Column,
  Int32Column,
  Int64Column,
  JsonColumn,
  StringColumn,
} from './column.ts'
import { ListBuilder, StructBuilder } from './nested-builder.ts'
import { Validity } from './validity.ts'

export interface ColumnBuilder {
  readonly length: number
  append(value: CellValue): void
  /** The column of all cells appended; the builder must not be used after. */
  build(): Column
}

const INITIAL_CELLS = 64
const SHORT_TEXT = 32

type NumericArray = Float64Array | Int32Array

class NumericBuilder<A extends NumericArray> implements ColumnBuilder {
  length = 0
  readonly #type: DataType
  readonly #validity = new Validity()
  readonly #allocate: (length: number) => A
  readonly #convert: (value: CellValue) => A[number]
  readonly #wrap: (type: DataType, values: A, validity: Uint8Array | null) => Column
  #values: A

  constructor(
    type: DataType,
    kind: {
      allocate: (length: number) => A
      convert: (value: CellValue) => A[number]
      wrap: (type: DataType, values: A, validity: Uint8Array | null) => Column
    },
  ) {
    this.#type = type
    this.#allocate = kind.allocate
    this.#convert = kind.convert
    this.#wrap = kind.wrap
    this.#values = kind.allocate(INITIAL_CELLS)
  }

  append(value: CellValue): void {
    const index = this.length++
    if (index === this.#values.length) {
      const grown = this.#allocate(index * 2)
      grown.set(this.#values as never)
      this.#values = grown
    }
    this.#validity.append(value !== null)
    if (value !== null) this.#values[index] = this.#convert(value)
  }

  build(): Column {
    const values = this.#values.subarray(0, this.length) as A
    return this.#wrap(this.#type, values, this.#validity.build())
  }
}

/** Perf: numbers are written as halves, without a bigint for each. */
class Int64Builder implements ColumnBuilder {
  length = 0
  readonly #type: DataType
  readonly #validity = new Validity()
  #values = new BigInt64Array(INITIAL_CELLS)
  #words = new Int32Array(this.#values.buffer)

  constructor(type: DataType) {
    this.#type = type
  }

  append(value: CellValue): void {
    const index = this.length++
    if (index === this.#values.length) {
      const grown = new BigInt64Array(index * 2)
      grown.set(this.#values)
      this.#values = grown
      this.#words = new Int32Array(grown.buffer)
    }
    this.#validity.append(value !== null)
    if (typeof value === 'number') putHalves(this.#words, index, value)
    else if (value !== null) this.#values[index] = value as bigint
  }

  build(): Column {
    const values = this.#values.subarray(0, this.length)
    return new Int64Column(this.#type, values, this.#validity.build())
  }
}

/** A whole number within 2^53 as the cell of an `Int64Column`. */
export function putHalves(words: Int32Array, index: number, value: number): void {
  words[index * 2] = value
  words[index * 2 + 1] = Math.floor(value / 2 ** 32)
}

class DecimalBuilder implements ColumnBuilder {
  length = 0
  readonly #type: DataType
  readonly #validity = new Validity()
  #halves = new BigInt64Array(INITIAL_CELLS * 2)

  constructor(type: DataType) {
    this.#type = type
  }

  append(value: CellValue): void {
    const index = this.length++
    if (index * 2 === this.#halves.length) {
      const grown = new BigInt64Array(index * 4)
      grown.set(this.#halves)
      this.#halves = grown
    }
    this.#validity.append(value !== null)
    if (value === null) return
    // What is stored of a bigint are its lower 64 bits.
    const unscaled = unscaledAt(value as string, this.#type.scale)
    this.#halves[index * 2] = unscaled
    this.#halves[index * 2 + 1] = unscaled >> 64n
  }

  build(): Column {
    const halves = this.#halves.subarray(0, this.length * 2)
    return new DecimalColumn(this.#type, halves, this.#validity.build())
  }
}

class BooleanBuilder implements ColumnBuilder {
  length = 0
  readonly #type: DataType
  readonly #validity = new Validity()
  #bits = new Uint8Array(bitmapBytes(INITIAL_CELLS))

  constructor(type: DataType) {
    this.#type = type
  }

  append(value: CellValue): void {
    const index = this.length++
    if (bitmapBytes(index + 1) > this.#bits.length) {
      const grown = new Uint8Array(this.#bits.length * 2)
      grown.set(this.#bits)
      this.#bits = grown
    }
    this.#validity.append(value !== null)
    if (value === true) setBit(this.#bits, index)
  }

  build(): Column {
    const bits = this.#bits.subarray(0, bitmapBytes(this.length))
    return new BooleanColumn(this.#type, this.length, bits, this.#validity.build())
  }
}

type RangesColumn = new (
  type: DataType,
  ranges: { data: Uint8Array; start: Int32Array; size: Int32Array },
  validity: Uint8Array | null,
) => Column

class RangesBuilder implements ColumnBuilder {
  length = 0
  readonly #type: DataType
  readonly #wrap: RangesColumn
  readonly #validity = new Validity()
  #data = Buffer.allocUnsafeSlow(1024)
  #dataSize = 0
  #start = new Int32Array(INITIAL_CELLS)
  #size = new Int32Array(INITIAL_CELLS)

  constructor(type: DataType, wrap: RangesColumn) {
    this.#type = type
    this.#wrap = wrap
  }

  append(value: CellValue): void {
    const index = this.length++
    if (index === this.#start.length) {
      this.#start = grow(this.#start)
      this.#size = grow(this.#size)
    }
    this.#start[index] = this.#dataSize
    this.#validity.append(value !== null)
    if (typeof value === 'string') this.#appendText(value, index)
    else if (value !== null) this.#appendBytes(value as Uint8Array, index)
  }

  build(): Column {
    const ranges = {
      data: this.#data.subarray(0, this.#dataSize),
      start: this.#start.subarray(0, this.length),
      size: this.#size.subarray(0, this.length),
    }
    return new this.#wrap(this.#type, ranges, this.#validity.build())
  }

  /**
   * Clear version: `write` alone.
   * Perf: 8 letters, 58 ns against 240 in one run (Node 20, a busy core).
   */
  #appendText(text: string, index: number): void {
    this.#reserve(text.length * 3)
    if (text.length <= SHORT_TEXT && this.#appendAscii(text)) {
      this.#size[index] = text.length
      this.#dataSize += text.length
      return
    }
    const size = this.#data.write(text, this.#dataSize, 'utf8')
    this.#size[index] = size
    this.#dataSize += size
  }

  /** False where a letter is not ASCII: then what was written is written over. */
  #appendAscii(text: string): boolean {
    const data = this.#data
    const start = this.#dataSize
    for (let i = 0; i < text.length; i++) {
      const letter = text.charCodeAt(i)
      if (letter > 0x7f) return false
      data[start + i] = letter
    }
    return true
  }

  #appendBytes(bytes: Uint8Array, index: number): void {
    this.#reserve(bytes.length)
    this.#data.set(bytes, this.#dataSize)
    this.#size[index] = bytes.length
    this.#dataSize += bytes.length
  }

  #reserve(size: number): void {
    if (this.#dataSize + size <= this.#data.length) return
    const grown = Buffer.allocUnsafeSlow(Math.max(this.#data.length * 2, this.#dataSize + size))
    grown.set(this.#data.subarray(0, this.#dataSize))
    this.#data = grown
  }
}

class JsonBuilder implements ColumnBuilder {
  readonly #type: DataType
  readonly #values: CellValue[] = []

  constructor(type: DataType) {
    this.#type = type
  }

  get length(): number {
    return this.#values.length
  }

  append(value: CellValue): void {
    this.#values.push(value)
  }

  build(): Column {
    return new JsonColumn(this.#type, this.#values)
  }
}

function grow(array: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const grown = new Int32Array(array.length * 2)
  grown.set(array)
  return grown
}

const int64 = (type: DataType): ColumnBuilder => new Int64Builder(type)

const BUILDERS: { readonly [K in TypeKind]: (type: DataType) => ColumnBuilder } = {
  string: type => new RangesBuilder(type, StringColumn),
  bytes: type => new RangesBuilder(type, BytesColumn),
  boolean: type => new BooleanBuilder(type),
  int32: type =>
    new NumericBuilder(type, {
      allocate: length => new Int32Array(length),
      convert: value => value as number,
      wrap: (of, values, validity) => new Int32Column(of, values, validity),
    }),
  int64,
  timestamp: int64,
  float64: type =>
    new NumericBuilder(type, {
      allocate: length => new Float64Array(length),
      convert: value => value as number,
      wrap: (of, values, validity) => new Float64Column(of, values, validity),
    }),
  decimal: type => new DecimalBuilder(type),
  list: type => new ListBuilder(type, columnBuilder(type.item as DataType)),
  struct: type =>
    new StructBuilder(
      type,
      type.fields.map(field => columnBuilder(field.type)),
    ),
  json: type => new JsonBuilder(type),
}

export function columnBuilder(type: DataType): ColumnBuilder {
  return BUILDERS[type.kind](type)
}

/** A column of given cells; for tests, sources and small results. */
export function columnOf(type: DataType, cells: Iterable<CellValue>): Column {
  const builder = columnBuilder(type)
  for (const cell of cells) builder.append(cell)
  return builder.build()
}
