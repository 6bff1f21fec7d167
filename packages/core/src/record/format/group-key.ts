/**
 * The bytes of a group: the Kafka key of repartition records and the last part of a state key.
 *
 * One `string` column: its UTF-8 bytes, null = FF. One required `bytes` column: itself. Anything
 * else is a tuple:
 *
 *   tuple = 01 cell*                        one cell per column
 *   cell  = 01 null | 02 false | 03 true
 *         | 10 integer | 11 float64 | 12 timestamp      8 bytes each, sortable.ts
 *         | 13 decimal             scale in one byte, then 16 bytes, sortable.ts
 *         | 20 string | 21 bytes                        00 as 00 FF, then 00 00
 *
 * Within one column the unsigned byte order is the order of the values, null first. Two groups are
 * equal exactly when their bytes are; -0 equals 0, NaN equals NaN, and a lone surrogate equals
 * U+FFFD.
 */
import { MillraceError } from '../../errors.ts'
import { ByteReader } from '../../util/byte-reader.ts'
import type { ByteWriter } from '../../util/byte-writer.ts'
import { decimalText, unscaledAt } from '../../util/decimal.ts'
import { type Cell, type CellType, typeName } from './cell.ts'
import { describeCell } from './describe-cell.ts'
import { expectEnd, expectVersion, formatError } from './format-check.ts'
import {
  readSortableBigInt,
  readSortableDecimal,
  readSortableFloat64,
  readSortableInteger,
  writeSortableDecimal,
  writeSortableFloat64,
  writeSortableInteger,
} from './sortable.ts'

export interface GroupKeyCodec {
  /**
   * Appends the key of the cells, one per column.
   * @throws ENCODE_FAILED when a cell cannot be part of a key; `out` may then hold half of it.
   */
  encode(cells: readonly Cell[], out: ByteWriter): void
  /** @throws FORMAT_UNKNOWN when the bytes are not a key of these types. */
  decode(bytes: Uint8Array): Cell[]
  /**
   * Of one column of text, where a key is the UTF-8 of its cell: whether the key at
   * `data[start, start + size)` is that of null instead.
   */
  isNullText?(data: Uint8Array, start: number, size: number): boolean
}

const WHAT = 'group key'
const VERSION = 1
const NULL_TEXT = 0xff
const NULL = 0x01
const FALSE = 0x02
const TRUE = 0x03
const INTEGER = 0x10
const FLOAT64 = 0x11
const TIMESTAMP = 0x12
const DECIMAL = 0x13
const STRING = 0x20
const BYTES = 0x21
const ESCAPE = 0xff
const ZERO = Buffer.of(0)

export function groupKeyCodec(types: readonly CellType[]): GroupKeyCodec {
  const [first] = types
  if (first !== undefined && types.length === 1) {
    if (first.kind === 'string') return TEXT_CODEC
    if (first.kind === 'bytes' && !first.isNullable) return BYTES_CODEC
  }
  return tupleCodec(types)
}

const TEXT_CODEC: GroupKeyCodec = {
  encode([cell = null], out) {
    if (cell === null) out.byte(NULL_TEXT)
    else if (typeof cell === 'string') out.text(cell)
    else throw notAKey('a string', cell)
  },
  decode(bytes) {
    if (isNullText(bytes, 0, bytes.length)) return [null]
    return [new ByteReader(bytes, WHAT).text(bytes.length)]
  },
  isNullText,
}

const BYTES_CODEC: GroupKeyCodec = {
  encode([cell = null], out) {
    if (!(cell instanceof Uint8Array)) throw notAKey('bytes', cell)
    out.bytes(cell)
  },
  decode: bytes => [Uint8Array.from(bytes)],
}

function isNullText(data: Uint8Array, start: number, size: number): boolean {
  return size === 1 && data[start] === NULL_TEXT
}

function tupleCodec(types: readonly CellType[]): GroupKeyCodec {
  return {
    encode(cells, out) {
      out.byte(VERSION)
      for (let i = 0; i < types.length; i++) {
        writeCell(cells[i] ?? null, types[i] as CellType, out)
      }
    },
    decode(bytes) {
      const from = new ByteReader(bytes, WHAT)
      expectVersion(from, VERSION, WHAT)
      const cells = types.map(type => readCell(from, type))
      expectEnd(from, WHAT)
      return cells
    },
  }
}

function writeCell(cell: Cell, type: CellType, out: ByteWriter): void {
  if (cell === null) out.byte(NULL)
  else WRITERS[type.kind](cell, out, type)
}

type CellWriter = (cell: Cell, out: ByteWriter, type: CellType) => void

const WRITERS: { readonly [K in CellType['kind']]: CellWriter } = {
  boolean: writeBoolean,
  int32: (cell, out) => writeInteger(INTEGER, cell, out),
  int64: (cell, out) => writeInteger(INTEGER, cell, out),
  timestamp: (cell, out) => writeInteger(TIMESTAMP, cell, out),
  float64: writeFloat64,
  decimal: writeDecimal,
  string: writeString,
  bytes: writeEscaped,
  list: refuseNested,
  struct: refuseNested,
  json: writeJson,
}

function refuseNested(cell: Cell): void {
  throw notAKey('text, a number, a boolean or bytes', cell)
}

/** By the value's own kind; numbers are doubles, bigints integers. */
function writeJson(cell: Cell, out: ByteWriter): void {
  if (typeof cell === 'string') writeString(cell, out)
  else if (typeof cell === 'number') writeFloat64(cell, out)
  else if (typeof cell === 'bigint') writeInteger(INTEGER, cell, out)
  else if (typeof cell === 'boolean') writeBoolean(cell, out)
  else throw notAKey('text, a number, a boolean or null', cell)
}

function writeBoolean(cell: Cell, out: ByteWriter): void {
  if (typeof cell !== 'boolean') throw notAKey('a boolean', cell)
  out.byte(cell ? TRUE : FALSE)
}

function writeInteger(tag: number, cell: Cell, out: ByteWriter): void {
  const fits =
    typeof cell === 'bigint' ? BigInt.asIntN(64, cell) === cell : Number.isSafeInteger(cell)
  if (!fits) throw notAKey('an exact whole number of 64 bits', cell)
  out.byte(tag)
  writeSortableInteger(cell as number | bigint, out)
}

function writeFloat64(cell: Cell, out: ByteWriter): void {
  if (typeof cell !== 'number') throw notAKey('a number', cell)
  out.byte(FLOAT64)
  writeSortableFloat64(cell, out)
}

function writeDecimal(cell: Cell, out: ByteWriter, { scale }: CellType): void {
  if (typeof cell !== 'string') throw notAKey('a decimal', cell)
  out.byte(DECIMAL)
  out.byte(scale)
  writeSortableDecimal(unscaledAt(cell, scale), out)
}

function writeString(cell: Cell, out: ByteWriter): void {
  if (typeof cell !== 'string') throw notAKey('a string', cell)
  out.byte(STRING)
  // In UTF-8 the byte 00 stands only for U+0000; without one there is nothing to escape.
  if (cell.includes('\0')) writeEscapedBytes(Buffer.from(cell, 'utf8'), out)
  else {
    out.text(cell)
    out.byte(0)
    out.byte(0)
  }
}

function writeEscaped(cell: Cell, out: ByteWriter): void {
  if (!(cell instanceof Uint8Array)) throw notAKey('bytes', cell)
  out.byte(BYTES)
  writeEscapedBytes(cell, out)
}

function writeEscapedBytes(bytes: Uint8Array, out: ByteWriter): void {
  for (const byte of bytes) {
    out.byte(byte)
    if (byte === 0) out.byte(ESCAPE)
  }
  out.byte(0)
  out.byte(0)
}

function readCell(from: ByteReader, type: CellType): Cell {
  const tag = from.byte()
  if (tag === NULL) return null
  const { kind } = type
  const isJson = kind === 'json'
  if ((tag === FALSE || tag === TRUE) && (isJson || kind === 'boolean')) return tag === TRUE
  if (tag === INTEGER && (isJson || kind === 'int64' || kind === 'int32')) {
    const isBigInt = isJson || (kind === 'int64' && type.as === 'bigint')
    return isBigInt ? readSortableBigInt(from) : readSortableInteger(from)
  }
  if (tag === TIMESTAMP && kind === 'timestamp') return readSortableInteger(from)
  if (tag === FLOAT64 && (isJson || kind === 'float64')) return readSortableFloat64(from)
  if (tag === DECIMAL && kind === 'decimal') return readDecimal(from, type)
  if (tag === STRING && (isJson || kind === 'string')) return readEscaped(from).toString('utf8')
  if (tag === BYTES && kind === 'bytes') return Uint8Array.from(readEscaped(from))
  throw formatError(WHAT, `a cell of type ${typeName(type)}`, `the tag ${tag}`)
}

function readDecimal(from: ByteReader, type: CellType): Cell {
  const scale = from.byte()
  if (scale !== type.scale) throw formatError(WHAT, typeName(type), `one of scale ${scale}`)
  return decimalText(readSortableDecimal(from), scale)
}

function readEscaped(from: ByteReader): Buffer {
  const first = from.before(0)
  const parts = [first]
  for (;;) {
    const next = from.byte()
    if (next === 0) return parts.length === 1 ? first : Buffer.concat(parts)
    if (next !== ESCAPE) throw formatError(WHAT, '00 or FF after 00', `the byte ${next}`)
    parts.push(ZERO, from.before(0))
  }
}

function notAKey(expected: string, cell: Cell): MillraceError {
  return new MillraceError(
    'ENCODE_FAILED',
    `a grouping column holds ${describeCell(cell)} where ${expected} is expected. ` +
      'Group by a column whose values are text, numbers, booleans or bytes.',
  )
}
