/**
 * Values as the bytes of CQL's scalar types.
 *
 * The driver passes a `Buffer` on as it is, for any type, so rows are encoded here: exactly (a
 * number that does not fit is refused, never cut), independent of the options of the user's client,
 * and with sizes that are known before a batch is made. `encode.ts` has the types made of others.
 */
import { isIP } from 'node:net'
import { isRefusal, t, toCell } from '@millrace/core'
import { types } from 'cassandra-driver'
import { CqlRefusal } from './cql-refusal.ts'
import type { ScalarKind } from './cql-type.ts'

/** @throws CqlRefusal */
export type CqlEncoder = (value: unknown) => Buffer

export const SCALAR_ENCODERS: { readonly [K in ScalarKind]: CqlEncoder } = {
  ascii: value => {
    const text = textOf(value, 'text of ASCII characters')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: ASCII has them.
    if (!/^[\x00-\x7f]*$/.test(text)) throw new CqlRefusal('text of ASCII characters', value)
    return Buffer.from(text, 'latin1')
  },
  text: value => Buffer.from(textOf(value, 'text'), 'utf8'),
  boolean: value => {
    if (typeof value !== 'boolean') throw new CqlRefusal('true or false', value)
    return Buffer.from([value ? 1 : 0])
  },
  tinyint: value => {
    const bytes = Buffer.allocUnsafe(1)
    bytes.writeInt8(smallInteger(value, 8))
    return bytes
  },
  smallint: value => {
    const bytes = Buffer.allocUnsafe(2)
    bytes.writeInt16BE(smallInteger(value, 16))
    return bytes
  },
  int: value => {
    const bytes = Buffer.allocUnsafe(4)
    bytes.writeInt32BE(smallInteger(value, 32))
    return bytes
  },
  bigint: value => int64Bytes(wholeNumber(value, 64)),
  counter: value => int64Bytes(wholeNumber(value, 64)),
  varint: value => varintBytes(wholeNumber(value, null)),
  float: value => {
    const number = floatOf(value)
    if (Number.isFinite(number) && !Number.isFinite(Math.fround(number))) {
      throw new CqlRefusal('a number that a float can hold', value, true)
    }
    const bytes = Buffer.allocUnsafe(4)
    bytes.writeFloatBE(number)
    return bytes
  },
  double: value => {
    const bytes = Buffer.allocUnsafe(8)
    bytes.writeDoubleBE(floatOf(value))
    return bytes
  },
  decimal: decimalBytes,
  uuid: value => uuidBytes(value, 'a UUID'),
  timeuuid: value => {
    const bytes = uuidBytes(value, 'a UUID of version 1')
    if (((bytes[6] as number) & 0xf0) !== 0x10) throw new CqlRefusal('a UUID of version 1', value)
    return bytes
  },
  timestamp: value => int64Bytes(BigInt(epochMs(value))),
  date: dateBytes,
  time: timeBytes,
  duration: durationBytes,
  inet: inetBytes,
  blob: value => {
    if (value instanceof Uint8Array) return asBuffer(value)
    const isHex = typeof value === 'string' && /^0x(?:[0-9a-f]{2})*$/i.test(value)
    if (isHex) return Buffer.from(value.slice(2), 'hex')
    throw new CqlRefusal('bytes, or text such as 0xcafe', value)
  },
}

const DIGITS = /^[+-]?\d{1,10000}$/
const DECIMAL = /^([+-]?)(\d*)(?:\.(\d*))?(?:e([+-]?\d{1,6}))?$/i
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i
const DATE = /^(-?\d{4,7})-(\d\d)-(\d\d)$/
const TIME = /^(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?$/
const TIME_MAX = 8.64e15
const DURATION = /^-?(?:P[\dYMWDTHS:.-]{1,60}|(?:\d{1,19}(?:y|mo|w|d|h|m|s|ms|us|µs|ns)){1,10})$/i
const DAY_MS = 86_400_000
const DAY_NS = 86_400_000_000_000n

function asBuffer(bytes: Uint8Array): Buffer {
  if (Buffer.isBuffer(bytes)) return bytes
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

function textOf(value: unknown, expected: string): string {
  if (typeof value === 'string') return value
  throw new CqlRefusal(expected, value)
}

function smallInteger(value: unknown, bits: number): number {
  const limit = 2 ** (bits - 1)
  if (typeof value === 'number' && Number.isInteger(value)) {
    if (value >= -limit && value < limit) return value
  } else if (typeof value === 'bigint' || (typeof value === 'string' && DIGITS.test(value))) {
    const number = Number(value)
    if (number >= -limit && number < limit) return number
  } else throw new CqlRefusal(`a whole number of ${bits} bits`, value)
  throw new CqlRefusal(`a whole number of ${bits} bits`, value, true)
}

function wholeNumber(value: unknown, bits: number | null): bigint {
  const expected = bits === null ? 'a whole number' : `a whole number of ${bits} bits`
  let exact: bigint
  if (typeof value === 'bigint') exact = value
  else if (typeof value === 'number' && Number.isInteger(value)) {
    // Beyond that a double stands for several numbers.
    if (!Number.isSafeInteger(value))
      throw new CqlRefusal(`${expected}, given exactly`, value, true)
    exact = BigInt(value)
  } else if (typeof value === 'string' && DIGITS.test(value)) exact = BigInt(value)
  else throw new CqlRefusal(expected, value)
  if (bits !== null && BigInt.asIntN(bits, exact) !== exact) {
    throw new CqlRefusal(expected, value, true)
  }
  return exact
}

function int64Bytes(value: bigint): Buffer {
  const bytes = Buffer.allocUnsafe(8)
  bytes.writeBigInt64BE(value)
  return bytes
}

/** Two's complement, big-endian, as few bytes as hold it. */
export function varintBytes(value: bigint): Buffer {
  const magnitude = value < 0n ? -value - 1n : value
  const bits = magnitude === 0n ? 0 : magnitude.toString(2).length
  const size = Math.floor(bits / 8) + 1
  const hex = BigInt.asUintN(size * 8, value).toString(16)
  return Buffer.from(hex.padStart(size * 2, '0'), 'hex')
}

function floatOf(value: unknown): number {
  if (typeof value === 'number') return value
  if (typeof value === 'bigint' && BigInt(Number(value)) === value) return Number(value)
  throw new CqlRefusal('a number', value)
}

/** A scale of 32 bits, then the digits as varint. */
function decimalBytes(value: unknown): Buffer {
  const isNumber = typeof value === 'number' || typeof value === 'bigint'
  const text = isNumber ? String(value) : value
  const match = typeof text === 'string' && text.length <= 10_000 ? DECIMAL.exec(text) : null
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match ?? []
  if (match === null || whole + fraction === '') {
    throw new CqlRefusal('a decimal number such as "12.50"', value)
  }
  const unscaled = BigInt(`${whole}${fraction}`) * (sign === '-' ? -1n : 1n)
  const scale = fraction.length - Number(exponent)
  const head = Buffer.allocUnsafe(4)
  head.writeInt32BE(scale)
  return Buffer.concat([head, varintBytes(unscaled)])
}

function uuidBytes(value: unknown, expected: string): Buffer {
  if (value instanceof Uint8Array && value.length === 16) return asBuffer(value)
  if (typeof value !== 'string' || !UUID.test(value)) throw new CqlRefusal(expected, value)
  return Buffer.from(value.replaceAll('-', ''), 'hex')
}

function epochMs(value: unknown): number {
  const ms = value instanceof Date ? value.getTime() : value
  if (typeof ms === 'string') {
    const parsed = isoMs(ms)
    if (parsed !== null) return parsed
  } else if (typeof ms === 'bigint') {
    if (ms >= -TIME_MAX && ms <= TIME_MAX) return Number(ms)
  } else if (typeof ms === 'number' && Number.isFinite(ms) && Math.abs(ms) <= TIME_MAX) {
    return Math.floor(ms)
  }
  throw new CqlRefusal('a time as epoch milliseconds or ISO 8601 text with a zone', value)
}

/** Days since 1970 with 2^31 added; text, or a point in time, which gives its day in UTC. */
function dateBytes(value: unknown): Buffer {
  const bytes = Buffer.allocUnsafe(4)
  bytes.writeUInt32BE(dayOf(value) + 2 ** 31)
  return bytes
}

function dayOf(value: unknown): number {
  if (typeof value !== 'string') return Math.floor(epochMs(value) / DAY_MS)
  const match = DATE.exec(value)
  if (match !== null) {
    const [year, month, day] = match.slice(1).map(Number) as [number, number, number]
    const date = new Date(0)
    date.setUTCFullYear(year, month - 1, day)
    const isReal = date.getUTCMonth() === month - 1 && date.getUTCDate() === day
    if (isReal) return date.getTime() / DAY_MS
  }
  throw new CqlRefusal('a date such as "2026-08-01"', value)
}

/** Nanoseconds since midnight. */
function timeBytes(value: unknown): Buffer {
  const isNumber =
    typeof value === 'bigint' || (typeof value === 'number' && Number.isSafeInteger(value))
  const ns = isNumber ? BigInt(value) : nanosecondsOf(value)
  if (ns !== null && ns >= 0n && ns < DAY_NS) return int64Bytes(ns)
  throw new CqlRefusal('a time of day such as "10:30:00.5", or nanoseconds', value)
}

function nanosecondsOf(value: unknown): bigint | null {
  const match = typeof value === 'string' ? TIME.exec(value) : null
  if (match === null) return null
  const [, hours = '', minutes = '', seconds = '0', fraction = ''] = match
  if (Number(hours) > 23 || Number(minutes) > 59 || Number(seconds) > 59) return null
  const whole = (Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)
  return BigInt(whole) * 1_000_000_000n + BigInt(fraction.padEnd(9, '0'))
}

/** Text such as 1mo2d3h or P1M2DT3H, or the parts by name. */
function durationBytes(value: unknown): Buffer {
  if (value instanceof types.Duration) return value.toBuffer()
  try {
    if (typeof value === 'string' && DURATION.test(value)) {
      return types.Duration.fromString(value).toBuffer()
    }
    const { months = 0, days = 0, nanoseconds = 0 } = Object(value) as Record<string, number>
    if (typeof value === 'object' && value !== null) {
      const parts = [smallInteger(months, 32), smallInteger(days, 32)] as const
      const ns = wholeNumber(nanoseconds, 64)
      return new types.Duration(...parts, types.Long.fromString(String(ns))).toBuffer()
    }
  } catch {}
  throw new CqlRefusal('a duration such as "1mo2d3h", or { months, days, nanoseconds }', value)
}

function inetBytes(value: unknown): Buffer {
  if (value instanceof Uint8Array && (value.length === 4 || value.length === 16)) {
    return asBuffer(value)
  }
  try {
    if (typeof value === 'string' && value.length < 64 && isIP(value) !== 0) {
      return types.InetAddress.fromString(value).getBuffer()
    }
  } catch {}
  throw new CqlRefusal('an IP address', value)
}

const TIMESTAMP = t.timestamp()

/** Text with a zone, as everywhere in Millrace; null = it is none. */
function isoMs(text: string): number | null {
  const cell = toCell(TIMESTAMP, text, 'data')
  return isRefusal(cell) ? null : (cell as number)
}
