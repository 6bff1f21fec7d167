/**
 * Conversions, `.as(type)`: exact, or an error of the record; never rounded, never guessed.
 *
 * from \ to  string    boolean      integers        float64   decimal   timestamp   bytes  json
 * string     same      true, false  decimal digits  decimal   decimal   ISO + zone  UTF-8  same
 * boolean    true …    same         1, 0            1, 0      –         –           –      same
 * integers   decimal   1, 0         in range        exactly   in range  epoch ms    –      number
 * float64    shortest  1, 0         whole, in range same      shortest  epoch ms    –      finite
 * decimal    its text  –            whole, in range nearest   it fits   –           –      text
 * timestamp  ISO, UTC  –            epoch ms        epoch ms  –         same        –      epoch ms
 * bytes      UTF-8     –            –               –         –         –           same   –
 * json       what the JSON decoder takes for a column of that type (units, base64 bytes)
 *
 * Lists and structs become json with all that is in them: whole numbers as numbers, bytes as base64
 * text. Json becomes them where all that is in it fits.
 *
 * A dash is refused when the expression is made. Text of float64 is what `String(number)` gives;
 * text to float64 takes it back (`NaN`, `Infinity` too) and means the nearest double, and so does a
 * decimal to float64. A decimal gets no digits cut off; a double becomes the decimal that its
 * shortest text writes, in a json column too. Null stays null. Text of a time is cut to
 * milliseconds, as the decoders do.
 * TYPE_MISMATCH: the cell has the wrong form. OVERFLOW: it is beyond the target.
 */
import type { CellValue } from '../batch/column.ts'
import { MillraceError } from '../errors.ts'
import { decimalOf, toCell } from '../schema/cell.ts'
import { type DataType, TYPE_KINDS, type TypeKind } from '../schema/data-type.ts'
import { describeValue, Refusal } from '../schema/refusal.ts'
import { DECIMAL_DIGITS_MAX, fitDecimal } from '../util/decimal.ts'
import type { CastExpr, Expr, LiteralExpr } from './expr.ts'
import { isNullLiteral, isWholeLiteral, typedLiteral } from './literal.ts'
import { printExpr } from './print.ts'

type Present = Exclude<CellValue, null>
type Conversion = (cell: Present, to: DataType) => CellValue | Refusal

const NUMBERS: readonly TypeKind[] = ['int32', 'int64', 'float64']
const SCALARS = TYPE_KINDS.filter(kind => kind !== 'list' && kind !== 'struct')

const TARGETS: { readonly [K in TypeKind]: readonly TypeKind[] } = {
  string: SCALARS,
  boolean: ['string', 'boolean', ...NUMBERS, 'json'],
  int32: ['string', 'boolean', ...NUMBERS, 'decimal', 'timestamp', 'json'],
  int64: ['string', 'boolean', ...NUMBERS, 'decimal', 'timestamp', 'json'],
  float64: ['string', 'boolean', ...NUMBERS, 'decimal', 'timestamp', 'json'],
  decimal: ['string', ...NUMBERS, 'decimal', 'json'],
  timestamp: ['string', ...NUMBERS, 'timestamp', 'json'],
  bytes: ['string', 'bytes'],
  list: ['list', 'json'],
  struct: ['struct', 'json'],
  json: TYPE_KINDS,
}

/**
 * `input` as `type`; the input itself when it has that type already. A nullable input gives a
 * nullable result.
 * @throws TYPE_MISMATCH when no cell of the input could be converted.
 */
export function castExpr(input: Expr, type: DataType): Expr {
  const from = input.type
  const target = nullableIf(type, type.isNullable || from.isNullable)
  if (isNullLiteral(input)) return typedLiteral(null, target)
  const isSame = from.sameKind(type) && from.unit === type.unit
  if (isSame && from.isNullable === target.isNullable) return input
  // Of two lists or structs there is no other that is the same.
  const isOther = (type.kind === 'list' || type.kind === 'struct') && type.kind === from.kind
  if (!TARGETS[from.kind].includes(type.kind) || (isOther && !isSame)) {
    throw new MillraceError(
      'TYPE_MISMATCH',
      `${printExpr(input)} is ${from} and cannot become ${type}; ` +
        `it can become ${TARGETS[from.kind].join(', ')}.`,
    )
  }
  return Object.freeze<CastExpr>({ kind: 'cast', input, type: target })
}

/** The type with null allowed or excluded. */
export function nullableIf(type: DataType, isNullable: boolean): DataType {
  if (type.isNullable === isNullable) return type
  return isNullable ? type.nullable() : type.required()
}

/** A literal number as a literal of an integer type or timestamp; other expressions unchanged. */
export function adaptLiteral(expr: Expr, type: DataType): Expr {
  if (!isWholeLiteral(expr)) return expr
  const value = Number((expr as LiteralExpr).value) + 0
  const isBigInt = type.kind === 'int64' && type.as === 'bigint'
  return typedLiteral(isBigInt ? BigInt(value) : value, type.required())
}

/** Converts one cell of the input. The function throws MillraceError. */
export function castFunction(cast: CastExpr): (cell: CellValue) => CellValue {
  const { input, type } = cast
  const convert = conversionOf(input.type, type)
  return cell => {
    if (cell === null) return null
    const converted = convert(cell, type)
    if (!(converted instanceof Refusal)) return converted
    throw new MillraceError(
      converted.code === 'DECODE_FAILED' ? 'TYPE_MISMATCH' : converted.code,
      `${printExpr(input)} as ${type.required()}: ` +
        `expected ${converted.expected}, got ${converted.got}.`,
    )
  }
}

function conversionOf(from: DataType, to: DataType): Conversion {
  if (from.kind === 'json') return to.kind === 'decimal' ? numberToDecimal : fromJson
  if (from.sameKind(to)) return cell => cell
  if (to.kind === 'string') return TO_TEXT[from.kind] ?? String
  if (to.kind === 'boolean') return from.kind === 'string' ? textToBoolean : numberToBoolean
  if (to.kind === 'json') return toJson
  if (from.kind === 'boolean')
    return cell => toCell(to, cell === true ? 1 : 0) as CellValue | Refusal
  if (to.kind === 'decimal') return from.kind === 'string' ? textToDecimal : numberToDecimal
  if (from.kind === 'decimal') return to.kind === 'float64' ? Number : decimalToInteger
  if (to.kind === 'bytes') return cell => Buffer.from(cell as string, 'utf8')
  if (to.kind === 'float64') return from.kind === 'string' ? textToFloat64 : toFloat64
  if (to.kind === 'timestamp') return from.kind === 'string' ? textToTimestamp : numberToTimestamp
  return from.kind === 'string' ? textToInteger : toInteger
}

const fromJson: Conversion = (cell, to) => toCell(to.required(), cell, 'json')

const TO_TEXT: { readonly [K in TypeKind]?: Conversion } = {
  timestamp: cell => new Date(cell as number).toISOString(),
  bytes: cell => utf8Text(cell as Uint8Array),
}

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function utf8Text(bytes: Uint8Array): string | Refusal {
  try {
    return UTF8.decode(bytes)
  } catch {
    return refuse('valid UTF-8', bytes)
  }
}

const textToBoolean: Conversion = cell =>
  cell === 'true' || (cell === 'false' ? false : refuse("'true' or 'false'", cell))

const numberToBoolean: Conversion = cell => {
  const number = Number(cell)
  return number === 1 || (number === 0 ? false : refuse('1 or 0', cell))
}

/** What reading the JSON text of the cell would give. */
function toJson(cell: CellValue): CellValue | Refusal {
  if (typeof cell === 'bigint') return exactDouble(cell)
  if (typeof cell === 'number' && !Number.isFinite(cell)) return refuse('a finite number', cell)
  if (cell instanceof Uint8Array) return Buffer.from(cell).toString('base64')
  return typeof cell === 'object' && cell !== null ? nestedToJson(cell) : cell
}

function nestedToJson(cell: object): CellValue | Refusal {
  const parts: [string, CellValue][] = []
  for (const [name, part] of Object.entries(cell)) {
    const converted = toJson(part)
    if (converted instanceof Refusal) return converted
    parts.push([name, converted])
  }
  return (
    Array.isArray(cell) ? parts.map(([, part]) => part) : Object.fromEntries(parts)
  ) as CellValue
}

const DECIMAL = /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/

const textToFloat64: Conversion = cell => {
  const text = cell as string
  if (!DECIMAL.test(text)) {
    return /^(NaN|-?Infinity)$/.test(text) ? Number(text) : refuse('a decimal number', cell)
  }
  const number = Number(text)
  return Number.isFinite(number) ? number : overflow('a number of float64', cell)
}

const toFloat64: Conversion = cell =>
  typeof cell === 'bigint' ? exactDouble(cell) : (cell as number)

function exactDouble(cell: bigint): number | Refusal {
  const number = Number(cell)
  return BigInt(number) === cell
    ? number
    : overflow('a whole number that a double holds exactly', cell)
}

const textToDecimal: Conversion = (cell, to) => decimalOf(to, cell as string, cell)

/** Of a number the text that it is shown as. */
const numberToDecimal: Conversion = (cell, to) => {
  const isNumber = typeof cell === 'number' && Number.isFinite(cell)
  return isNumber ? decimalOf(to, String(cell), cell) : toCell(to.required(), cell, 'json')
}

const decimalToInteger: Conversion = (cell, to) => {
  const whole = fitDecimal(cell as string, DECIMAL_DIGITS_MAX, 0)
  if (typeof whole === 'string') return textToInteger(whole, to)
  return refuse('a whole number (.round(), .floor() or .ceil() makes one)', cell)
}

const textToInteger: Conversion = (cell, to) => {
  const match = /^(-?)0*(\d+)$/.exec(cell as string)
  if (match === null) return refuse('a whole decimal number', cell)
  const [, sign = '', digits = ''] = match
  if (digits.length > 19) return overflow(`a number of ${to.required()}`, cell)
  return toInteger(BigInt(sign + digits), to)
}

/** Same ranges as for values from outside. */
const toInteger: Conversion = (cell, to) => {
  if (typeof cell === 'number' && !Number.isInteger(cell)) {
    return refuse('a whole number (.round(), .floor() or .ceil() makes one)', cell)
  }
  return toCell(to.required(), typeof cell === 'number' ? BigInt(cell) : cell) as
    | CellValue
    | Refusal
}

const textToTimestamp: Conversion = (cell, to) => toCell(to.required(), cell)

/** Milliseconds by the word of the user's cast: whether it looks like seconds is not asked. */
const numberToTimestamp: Conversion = cell => {
  const ms = Number(cell)
  if (!Number.isInteger(ms)) return refuse('whole epoch milliseconds', cell)
  const isTime = ms >= -8.64e15 && ms <= 8.64e15
  return isTime ? ms + 0 : overflow('a time within 8.64e15 milliseconds of 1970', cell)
}

function refuse(expected: string, cell: unknown): Refusal {
  return new Refusal('DECODE_FAILED', expected, describeValue(cell))
}

function overflow(expected: string, cell: unknown): Refusal {
  return new Refusal('OVERFLOW', expected, describeValue(cell))
}
