/**
 * Cells of one column of a batch as JSON text, straight into bytes: what `cellText` writes, the
 * clear version, without a string or an object per cell where the cell is plain. Cells that JSON
 * cannot hold, and all of kinds that are rare in output, go through `cellText` itself.
 */
import {
  BooleanColumn,
  type Column,
  Float64Column,
  Int32Column,
  Int64Column,
  StringColumn,
} from '../batch/column.ts'
import type { DataType, TimestampUnit } from '../schema/data-type.ts'
import type { ByteWriter } from '../util/byte-writer.ts'
import { cellText } from './json-text.ts'

export interface JsonCellWriter {
  /**
   * Appends the cell.
   * @throws ENCODE_FAILED with the column when JSON cannot hold it.
   */
  write(index: number, out: ByteWriter): void
}

const NULL = Buffer.from('null')
const TRUE = Buffer.from('true')
const FALSE = Buffer.from('false')
const ZEROS = Buffer.from('000000')
/** Of the time under way. */
const SECONDS = new Float64Array(1)
const MINUS = 0x2d
const POINT = 0x2e

/** Of each byte of UTF-8: 1 = a JSON string holds it with an escape only. */
const QUOTING = {
  quote: 0x22,
  stops: Uint8Array.from({ length: 256 }, (_, byte) =>
    byte < 0x20 || byte === 0x22 || byte === 0x5c ? 1 : 0,
  ),
}

/** @param type what the cells are, and the unit in which a time is written */
export function jsonCellWriter(column: Column, type: DataType, name: string): JsonCellWriter {
  if (type.kind === 'timestamp') {
    const isPlain = column instanceof Int64Column && column.type.kind === 'timestamp'
    if (isPlain) return new TimeWriter(column, type.unit ?? 'ms')
  } else if (type.kind !== column.type.kind || type.as !== column.type.as) {
    return new AnyWriter(column, type, name)
  } else if (column instanceof StringColumn) return new TextWriter(column)
  else if (column instanceof Float64Column) return new DoubleWriter(column, type, name)
  else if (column instanceof Int32Column) return new Int32Writer(column)
  else if (column instanceof Int64Column) return new Int64Writer(column)
  else if (column instanceof BooleanColumn) return new BooleanWriter(column)
  return new AnyWriter(column, type, name)
}

class AnyWriter implements JsonCellWriter {
  readonly #column: Column
  readonly #type: DataType
  readonly #name: string

  constructor(column: Column, type: DataType, name: string) {
    this.#column = column
    this.#type = type
    this.#name = name
  }

  write(index: number, out: ByteWriter): void {
    out.text(cellText(this.#type, this.#column.get(index), this.#name))
  }
}

class TextWriter implements JsonCellWriter {
  readonly #column: StringColumn

  constructor(column: StringColumn) {
    this.#column = column
  }

  write(index: number, out: ByteWriter): void {
    const column = this.#column
    if (column.isNull(index)) {
      writeNull(out)
      return
    }
    const { data } = column
    const start = column.start[index] as number
    const size = column.size[index] as number
    if (!out.quoted(data, start, size, QUOTING)) out.text(JSON.stringify(column.get(index)))
  }
}

class DoubleWriter implements JsonCellWriter {
  readonly #column: Float64Column
  readonly #type: DataType
  readonly #name: string

  constructor(column: Float64Column, type: DataType, name: string) {
    this.#column = column
    this.#type = type
    this.#name = name
  }

  write(index: number, out: ByteWriter): void {
    if (this.#column.isNull(index)) {
      writeNull(out)
      return
    }
    const { values } = this.#column
    if (!writeDouble(values, index, out)) {
      out.text(cellText(this.#type, values[index] as number, this.#name))
    }
  }
}

class Int32Writer implements JsonCellWriter {
  readonly #column: Int32Column

  constructor(column: Int32Column) {
    this.#column = column
  }

  write(index: number, out: ByteWriter): void {
    if (this.#column.isNull(index)) writeNull(out)
    else out.decimal(this.#column.values[index] as number)
  }
}

class Int64Writer implements JsonCellWriter {
  readonly #column: Int64Column

  constructor(column: Int64Column) {
    this.#column = column
  }

  write(index: number, out: ByteWriter): void {
    if (this.#column.isNull(index)) {
      writeNull(out)
      return
    }
    const value = this.#column.number(index)
    if (Number.isSafeInteger(value)) out.decimal(value)
    else out.text(String(this.#column.get(index)))
  }
}

class TimeWriter implements JsonCellWriter {
  readonly #column: Int64Column
  readonly #unit: TimestampUnit

  constructor(column: Int64Column, unit: TimestampUnit) {
    this.#column = column
    this.#unit = unit
  }

  write(index: number, out: ByteWriter): void {
    if (this.#column.isNull(index)) {
      writeNull(out)
      return
    }
    const ms = this.#column.number(index)
    if (this.#unit === 's') {
      SECONDS[0] = ms / 1e3
      if (!writeDouble(SECONDS, 0, out)) out.text(String(ms / 1e3))
      return
    }
    out.decimal(ms)
    if (ms === 0) return
    if (this.#unit === 'us') out.range(ZEROS, 0, 3)
    else if (this.#unit === 'ns') out.range(ZEROS, 0, 6)
  }
}

class BooleanWriter implements JsonCellWriter {
  readonly #column: BooleanColumn

  constructor(column: BooleanColumn) {
    this.#column = column
  }

  write(index: number, out: ByteWriter): void {
    const cell = this.#column.get(index)
    if (cell === null) writeNull(out)
    else if (cell === true) out.range(TRUE, 0, 4)
    else out.range(FALSE, 0, 5)
  }
}

function writeNull(out: ByteWriter): void {
  out.range(NULL, 0, 4)
}

/**
 * Whole numbers, and those of at most six decimals: false, and nothing written, for others. A
 * decimal of at most 15 digits that reads back as the value is its shortest form, trailing zeros
 * aside, because no two of them are the same double.
 *
 * Perf: it is told where the value is, as V8 makes an object of a double that is handed over.
 */
function writeDouble(values: Float64Array, index: number, out: ByteWriter): boolean {
  const value = values[index] as number
  if (Number.isSafeInteger(value)) {
    // -0
    if (value === 0 && 1 / value < 0) out.byte(MINUS)
    out.decimal(value)
    return true
  }
  const size = Math.abs(value)
  if (!(size < 1e9)) return false
  let decimals = Math.round(size * 1e6)
  if (decimals / 1e6 !== size) return false
  const whole = Math.floor(decimals / 1e6)
  decimals -= whole * 1e6
  let count = 6
  while (decimals % 10 === 0) {
    decimals /= 10
    count--
  }
  if (value < 0) out.byte(MINUS)
  out.decimal(whole)
  out.byte(POINT)
  out.digits(decimals, count)
  return true
}
