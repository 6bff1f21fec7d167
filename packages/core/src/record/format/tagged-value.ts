/**
 * One cell with a tag in front that says what it is: the form of cells in rows on the wire and in
 * state.
 *
 *   00 null · 01 false · 02 true
 *   03 whole number        zig-zag varint, -2^51 to 2^51, not -0
 *   04 any other number    8 bytes, IEEE
 *   05 text                varint size, UTF-8
 *   06 bytes               varint size, bytes
 *   07 timestamp           zig-zag varint of milliseconds, -2^51 to 2^51
 *   08 bigint              8 bytes, two's complement
 *   09 JSON                varint size, text of json-text.ts
 *   0a timestamp           8 bytes, IEEE milliseconds, where 07 does not reach
 *   0b decimal             varint size, its text with all digits of the scale
 *   0c list                varint count, that many tagged values
 *   0d struct              varint count, that many times a text, the name, and a tagged value
 *
 * A value is read against the type of the column it goes into, which may be wider than the one it
 * was written for.
 */
import { MillraceError } from '../../errors.ts'
import type { ByteReader } from '../../util/byte-reader.ts'
import type { ByteWriter } from '../../util/byte-writer.ts'
import { fitDecimal } from '../../util/decimal.ts'
import { type Cell, type CellType, typeName } from './cell.ts'
import { describeCell } from './describe-cell.ts'
import { formatError, readCount } from './format-check.ts'
import { jsonText, parseJsonText } from './json-text.ts'
import { readBytes, readText, writeBytes, writeText } from './sized-text.ts'

const WHAT = 'value'
export const NULL = 0
export const FALSE = 1
export const TRUE = 2
export const WHOLE = 3
export const FLOAT64 = 4
export const TEXT = 5
const BYTES = 6
export const TIMESTAMP = 7
export const BIGINT = 8
const JSON_TEXT = 9
const TIMESTAMP_FLOAT64 = 10
const DECIMAL = 11
const LIST = 12
const STRUCT = 13

const WHOLE_MAX = 2 ** 51

/**
 * Appends a cell of a column.
 * @param field names the column in errors.
 * @throws ENCODE_FAILED when the cell does not fit the type; `out` may then hold half of it.
 */
export function writeTagged(cell: Cell, type: CellType, out: ByteWriter, field?: string): void {
  const isNull = cell === null || cell === undefined
  if (isNull ? !type.isNullable : !fits(cell, type)) throw misfit(cell, type, field)
  if (isNull) out.byte(NULL)
  else if (typeof cell === 'boolean') out.byte(cell ? TRUE : FALSE)
  else if (typeof cell === 'string') {
    out.byte(type.kind === 'decimal' ? DECIMAL : TEXT)
    writeText(cell, out)
  } else if (typeof cell === 'bigint') writeBigInt(cell, out)
  else if (type.kind === 'list') writeList(cell as Cell[], type, out, field)
  else if (type.kind === 'struct') writeStruct(cell as CellObject, type, out, field)
  else if (typeof cell === 'object') writeObject(cell, type, out, field)
  else if (typeof cell !== 'number') throw misfit(cell, type, field)
  else if (type.kind === 'timestamp') writeTimestamp(cell, out)
  else writeNumber(cell, out)
}

function fits(cell: Cell, type: CellType): boolean {
  switch (type.kind) {
    case 'string':
    case 'boolean':
      return typeof cell === type.kind
    case 'float64':
      return typeof cell === 'number'
    case 'decimal':
      return typeof cell === 'string'
    case 'timestamp':
      return typeof cell === 'number' && !Number.isNaN(cell)
    case 'int32':
      return (cell as number) === ((cell as number) | 0)
    case 'int64':
      if (typeof cell === 'bigint') return BigInt.asIntN(64, cell) === cell
      return type.as === 'number' && Number.isSafeInteger(cell)
    case 'bytes':
      return cell instanceof Uint8Array
    case 'list':
      return Array.isArray(cell)
    case 'struct':
      return typeof cell === 'object' && !Array.isArray(cell) && !ArrayBuffer.isView(cell)
    case 'json':
      return true
  }
}

type CellObject = Readonly<Record<string, Cell>>

function writeList(cells: readonly Cell[], { item }: CellType, out: ByteWriter, f?: string): void {
  out.byte(LIST)
  out.unsigned(cells.length)
  for (const cell of cells) writeTagged(cell, item as CellType, out, f)
}

function writeStruct(cell: CellObject, { fields = [] }: CellType, out: ByteWriter, f?: string) {
  out.byte(STRUCT)
  out.unsigned(fields.length)
  for (const { name, type } of fields) {
    writeText(name, out)
    writeTagged(Object.hasOwn(cell, name) ? (cell[name] as Cell) : null, type, out, f)
  }
}

/** A cell that is a number but no timestamp. */
export function writeNumber(value: number, out: ByteWriter): void {
  const isWhole = Number.isInteger(value) && Math.abs(value) <= WHOLE_MAX && !Object.is(value, -0)
  out.byte(isWhole ? WHOLE : FLOAT64)
  if (isWhole) out.signed(value)
  else out.float64(value)
}

/** Whole milliseconds, or others. */
export function writeTimestamp(ms: number, out: ByteWriter): void {
  const isWhole = Number.isInteger(ms) && Math.abs(ms) <= WHOLE_MAX
  out.byte(isWhole ? TIMESTAMP : TIMESTAMP_FLOAT64)
  if (isWhole) out.signed(ms)
  else out.float64(ms)
}

function writeBigInt(value: bigint, out: ByteWriter): void {
  if (BigInt.asIntN(64, value) === value) {
    out.byte(BIGINT)
    out.int64(value)
  } else {
    out.byte(JSON_TEXT)
    writeText(jsonText(value), out)
  }
}

function writeObject(cell: object, type: CellType, out: ByteWriter, field?: string): void {
  if (cell instanceof Uint8Array) {
    out.byte(BYTES)
    writeBytes(cell, out)
    return
  }
  let text: string
  try {
    text = jsonText(cell)
  } catch (cause) {
    throw misfit(cell, type, field, cause)
  }
  out.byte(JSON_TEXT)
  writeText(text, out)
}

/** @throws FORMAT_UNKNOWN when the bytes are no value, or the value does not fit the type. */
export function readTagged(from: ByteReader, type: CellType, field?: string): Cell {
  const tag = from.byte()
  if (tag === LIST && type.kind === 'list') return readList(from, type, field)
  if (tag === STRUCT && type.kind === 'struct') return readStruct(from, type, field)
  const value = readPayload(from, tag)
  const cell = asType(value, tag, type)
  if (cell === undefined) {
    const column = field === undefined ? '' : ` for column ${JSON.stringify(field)}`
    throw formatError(WHAT, `a cell of type ${typeName(type)}${column}`, describeCell(value))
  }
  return cell
}

function readList(from: ByteReader, { item }: CellType, field?: string): Cell[] {
  const count = readCount(from, 1, WHAT)
  return Array.from({ length: count }, () => readTagged(from, item as CellType, field))
}

/** By name, so that fields may be added and taken away. */
function readStruct(from: ByteReader, { fields = [] }: CellType, field?: string): object {
  const found = new Map<string, Cell>()
  for (let left = readCount(from, 2, WHAT); left > 0; left--) {
    const name = readText(from)
    const part = fields.find(each => each.name === name)
    if (part === undefined) readTaggedAny(from)
    else found.set(name, readTagged(from, part.type, field))
  }
  const pairs = fields.map(({ name, type }): [string, Cell] => {
    const cell = found.get(name) ?? null
    if (cell !== null || type.isNullable) return [name, cell]
    throw formatError(WHAT, `the field ${JSON.stringify(name)}`, 'a struct without it')
  })
  return Object.fromEntries(pairs)
}

/** Reads a value without a column: for columns that are no longer asked for. */
export function readTaggedAny(from: ByteReader): Cell {
  return readPayload(from, from.byte())
}

function readPayload(from: ByteReader, tag: number): Cell {
  switch (tag) {
    case NULL:
      return null
    case FALSE:
    case TRUE:
      return tag === TRUE
    case WHOLE:
    case TIMESTAMP:
      return from.signed()
    case FLOAT64:
    case TIMESTAMP_FLOAT64:
      return from.float64()
    case TEXT:
    case DECIMAL:
      return readText(from)
    case BYTES:
      return Uint8Array.from(readBytes(from))
    case BIGINT:
      return from.int64()
    case JSON_TEXT:
      return readJson(from)
    case LIST:
      return Array.from({ length: readCount(from, 1, WHAT) }, () => readTaggedAny(from))
    case STRUCT:
      return readAnyStruct(from)
    default:
      throw formatError(WHAT, 'a tag from 0 to 13', `the tag ${tag}`)
  }
}

function readAnyStruct(from: ByteReader): object {
  const count = readCount(from, 2, WHAT)
  return Object.fromEntries(
    Array.from({ length: count }, (): [string, Cell] => [readText(from), readTaggedAny(from)]),
  )
}

function readJson(from: ByteReader): Cell {
  const text = readText(from)
  try {
    return parseJsonText(text)
  } catch {
    throw formatError(WHAT, 'JSON text', describeCell(text))
  }
}

/**
 * The value as a cell of the type, converted only where that is exact; undefined = it does not fit.
 */
function asType(value: Cell, tag: number, type: CellType): Cell | undefined {
  if (value === null) return type.isNullable ? null : undefined
  if (type.kind === 'json') return value
  if (tag === JSON_TEXT || tag === LIST || tag === STRUCT) return undefined
  if (type.kind === 'decimal') return asDecimal(value, tag, type)
  if (type.kind !== 'int64') return fits(value, type) ? value : undefined
  if (type.as === 'bigint') {
    return typeof value === 'bigint' || Number.isSafeInteger(value)
      ? BigInt(value as number | bigint)
      : undefined
  }
  const number = typeof value === 'bigint' ? Number(value) : value
  return Number.isSafeInteger(number) ? number : undefined
}

/** Of another precision or scale, or a whole number, where it has no more digits. */
function asDecimal(value: Cell, tag: number, type: CellType): Cell | undefined {
  if (tag !== DECIMAL && tag !== WHOLE && tag !== BIGINT) return undefined
  const fitted = fitDecimal(String(value), type.precision, type.scale)
  return typeof fitted === 'string' ? fitted : undefined
}

function misfit(cell: Cell, type: CellType, field?: string, cause?: unknown): MillraceError {
  return new MillraceError(
    'ENCODE_FAILED',
    `expected ${typeName(type)}, got ${describeCell(cell)}. ` +
      'Cast the column, declare it nullable, or let the step that makes it give the declared type.',
    { field, cause },
  )
}
