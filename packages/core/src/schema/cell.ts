/**
 * The gate through which every value from outside becomes a cell of a column.
 *
 * Decoders call it for JSON values, sources for users' data, `map` for the rows that functions
 * return. A good value costs one switch and no allocation beyond its conversion; a bad one gives a
 * `Refusal` and is never thrown. What a value may look like depends on where it comes from
 * (`CellForm`); what a cell is does not.
 */
import type { CellValue as Cell } from '../record/cell-value.ts'
import { DecimalMisfit, fitDecimal } from '../util/decimal.ts'
import type { DataType, TimestampUnit } from './data-type.ts'
import { parseIsoTime } from './iso-time.ts'
import { describeValue, Refusal } from './refusal.ts'

/**
 * Where a value comes from. `row`: a row of a frame, where a timestamp is epoch milliseconds.
 * `data`: JavaScript values from outside, timestamps in their declared unit. `json`: as `data`, and
 * bytes are base64 text.
 */
export type CellForm = 'row' | 'data' | 'json'

const INT64_MIN = -(2n ** 63n)
const INT64_MAX = 2n ** 63n - 1n
const SAFE_MAX = BigInt(Number.MAX_SAFE_INTEGER)
const DIGITS = /^-?\d{1,19}$/
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/
/** The range of JavaScript's `Date`, in milliseconds. */
const TIME_MAX = 8.64e15

/**
 * Checks and converts a value into a cell of a column, or says why not. Undefined counts as null.
 * Text keeps what it is; a lone surrogate becomes U+FFFD when the column stores it as UTF-8.
 */
export function toCell(type: DataType, value: unknown, form: CellForm = 'row'): Cell | Refusal {
  if (value === null || value === undefined) {
    return type.isNullable ? null : refuse(`${type.kind}, not null`, value)
  }
  switch (type.kind) {
    case 'string':
      return typeof value === 'string' ? value : refuse('text', value)
    case 'boolean':
      return typeof value === 'boolean' ? value : refuse('true or false', value)
    case 'int32':
      return toInt32(value)
    case 'int64':
      return toInt64(type, value)
    case 'float64':
      return toFloat64(value, form)
    case 'decimal':
      return toDecimal(type, value)
    case 'timestamp':
      return toTimestamp(type, value, form)
    case 'bytes':
      return toBytes(value, form)
    case 'list':
      return toList(type, value, form)
    case 'struct':
      return toStruct(type, value, form)
    case 'json':
      return typeof value === 'function' || typeof value === 'symbol'
        ? refuse('a JSON value', value)
        : value
  }
}

/** Tells the answers of `toCell` apart. */
export function isRefusal(answer: unknown): answer is Refusal {
  return answer instanceof Refusal
}

/**
 * The unit that a number given as epoch milliseconds seems to have, or null when it looks right.
 */
export function timestampLooksWrong(ms: number): TimestampUnit | null {
  if (ms >= 1e9 && ms < 1e10) return 's'
  if (ms >= 1e17) return 'ns'
  return ms >= 1e14 ? 'us' : null
}

/** What to say about a timestamp of another unit; shared with the timestamps of records. */
export function timestampUnitRefusal(ms: number, unit: TimestampUnit): Refusal {
  const words = { s: 'seconds', ms: 'milliseconds', us: 'microseconds', ns: 'nanoseconds' }[unit]
  return new Refusal(
    'TIMESTAMP_UNIT',
    `epoch milliseconds; this looks like ${words}, which t.timestamp({ unit: '${unit}' }) declares`,
    String(ms),
  )
}

function refuse(expected: string, value: unknown): Refusal {
  return new Refusal('DECODE_FAILED', expected, describeValue(value))
}

function overflow(expected: string, value: unknown): Refusal {
  return new Refusal('OVERFLOW', expected, describeValue(value))
}

function toInt32(value: unknown): number | Refusal {
  if (typeof value === 'number') {
    if ((value | 0) === value) return value | 0
    if (!Number.isInteger(value)) return refuse('a whole number of 32 bits', value)
  } else if (typeof value !== 'bigint') return refuse('a whole number of 32 bits', value)
  const isInRange = value >= -0x8000_0000 && value <= 0x7fff_ffff
  return isInRange ? Number(value) : overflow('a whole number from -2^31 to 2^31 - 1', value)
}

function toInt64(type: DataType, value: unknown): bigint | number | Refusal {
  const isNumber = type.as === 'number'
  if (typeof value === 'number') {
    if (Number.isSafeInteger(value)) return isNumber ? value + 0 : BigInt(value)
    if (!Number.isInteger(value)) return refuse('a whole number of 64 bits', value)
    return overflow('a whole number within 2^53 - 1; give larger ones as bigint or text', value)
  }
  if (typeof value !== 'bigint' && !(typeof value === 'string' && DIGITS.test(value))) {
    return refuse('a whole number of 64 bits', value)
  }
  const exact = BigInt(value)
  if (isNumber) {
    if (exact >= -SAFE_MAX && exact <= SAFE_MAX) return Number(exact)
    return overflow('a whole number within 2^53 - 1, as t.int64({ as: "number" }) says', value)
  }
  if (exact >= INT64_MIN && exact <= INT64_MAX) return exact
  return overflow('a whole number from -2^63 to 2^63 - 1', value)
}

function toFloat64(value: unknown, form: CellForm): number | Refusal {
  if (typeof value === 'number') return value
  // The exact JSON reader gives long whole numbers as bigint; the nearest double is what JSON.parse
  // gives.
  if (typeof value === 'bigint' && form === 'json') return Number(value)
  return refuse('a number', value)
}

/** A number is taken where it is whole and exact: of a fraction a double holds the nearest only. */
function toDecimal(type: DataType, value: unknown): string | Refusal {
  const isExact = typeof value === 'bigint' || Number.isSafeInteger(value)
  if (typeof value === 'string' || isExact) return decimalOf(type, String(value), value)
  return refuse("a decimal as text, such as '12.30'", value)
}

/**
 * The cell of a decimal column, from any text of a number.
 * @param value what is quoted when it does not fit.
 */
export function decimalOf(
  { precision, scale }: DataType,
  text: string,
  value: unknown,
): string | Refusal {
  const fitted = fitDecimal(text, precision, scale)
  if (!(fitted instanceof DecimalMisfit)) return fitted
  switch (fitted.fault) {
    case 'form':
      return refuse("a decimal as text, such as '12.30'", value)
    case 'scale':
      return refuse(`a decimal of at most ${scale} digits behind the point`, value)
    case 'precision':
      return overflow(`a decimal of at most ${precision - scale} digits before the point`, value)
  }
}

function toList(type: DataType, value: unknown, form: CellForm): Cell[] | Refusal {
  if (!Array.isArray(value)) return refuse('an array', value)
  const cells: Cell[] = []
  for (const [i, each] of value.entries()) {
    const cell = toCell(type.item as DataType, each, form)
    if (isRefusal(cell)) return cell.within(`[${i}]`)
    cells.push(cell)
  }
  return cells
}

function toStruct({ fields }: DataType, value: unknown, form: CellForm): object | Refusal {
  const isObject = typeof value === 'object' && !Array.isArray(value)
  if (!isObject || value === null || ArrayBuffer.isView(value)) return refuse('an object', value)
  const struct: Record<string, Cell> = {}
  for (const { name, type } of fields) {
    const given = Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined
    const cell = toCell(type, given, form)
    if (isRefusal(cell)) return cell.within(`.${name}`)
    setOwn(struct, name, cell)
  }
  return struct
}

/** Whatever the name is. */
function setOwn(struct: Record<string, Cell>, name: string, cell: Cell): void {
  if (name !== '__proto__') struct[name] = cell
  else {
    const own = { value: cell, writable: true, enumerable: true, configurable: true }
    Object.defineProperty(struct, name, own)
  }
}

function toTimestamp(type: DataType, value: unknown, form: CellForm): number | Refusal {
  if (typeof value === 'number') return fromNumber(type, value, form)
  if (typeof value === 'string') return fromText(value)
  if (typeof value === 'bigint') return fromBigInt(type, value, form)
  if (value instanceof Date) {
    const ms = value.getTime()
    return Number.isNaN(ms) ? refuse('a time', value) : ms
  }
  return refuse('a time as number or ISO 8601 text', value)
}

function fromNumber(type: DataType, value: number, form: CellForm): number | Refusal {
  if (type.unit === undefined) {
    const unit = timestampLooksWrong(value)
    if (unit !== null) return timestampUnitRefusal(value, unit)
  }
  const ms = form === 'row' ? Math.floor(value) : millisecondsOf(value, type.unit ?? 'ms')
  return withinTime(ms, value)
}

/**
 * Whole milliseconds; what is smaller is cut off towards the past. Rounded first to what a double
 * can tell apart (10 µs in seconds, 1 µs in nanoseconds), so that 1.001 s is 1001 ms whatever its
 * binary form.
 */
export function millisecondsOf(value: number, unit: TimestampUnit): number {
  switch (unit) {
    case 's':
      return Number.isInteger(value) ? value * 1e3 : Math.floor(Math.round(value * 1e5) / 1e2)
    case 'ms':
      return Math.floor(value)
    case 'us':
      return Math.floor(value / 1e3)
    case 'ns':
      return Math.floor(Math.round(value / 1e3) / 1e3)
  }
}

const UNITS_PER_MS = { ms: 1n, us: 1_000n, ns: 1_000_000n } as const

function fromBigInt(type: DataType, value: bigint, form: CellForm): number | Refusal {
  const unit = form === 'row' ? 'ms' : (type.unit ?? 'ms')
  if (unit === 's' || type.unit === undefined) return fromNumber(type, Number(value), form)
  const perMs = UNITS_PER_MS[unit]
  const rest = value % perMs
  return withinTime(Number((value - rest) / perMs) - (rest < 0n ? 1 : 0), value)
}

function withinTime(ms: number, value: unknown): number | Refusal {
  if (ms >= -TIME_MAX && ms <= TIME_MAX) return ms + 0
  return refuse('a time within 8.64e15 milliseconds of 1970', value)
}

function fromText(text: string): number | Refusal {
  const ms = parseIsoTime(text)
  if (typeof ms === 'number') return withinTime(ms, text)
  if (ms === 'date only') {
    return refuse('ISO 8601 text with time and zone (this is a date only, no point in time)', text)
  }
  if (ms === 'no zone') {
    return refuse(
      'ISO 8601 text with a zone, Z or ±hh:mm (this has none, so the time is unknown)',
      text,
    )
  }
  return refuse('ISO 8601 text with a zone, as in 2026-08-01T10:00:00Z', text)
}

function toBytes(value: unknown, form: CellForm): Uint8Array | Refusal {
  if (value instanceof Uint8Array) return value
  if (form === 'json') {
    const isBase64 = typeof value === 'string' && value.length % 4 === 0 && BASE64.test(value)
    return isBase64 ? Buffer.from(value, 'base64') : refuse('bytes as base64 text', value)
  }
  return refuse('a Uint8Array', value)
}
