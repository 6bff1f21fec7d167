/**
 * Numbers of JSON read as bytes, without making text of them.
 *
 * The functions give the position behind the number, or FAULT; the value lies in `NUMBER[0]`, or
 * as two words in `WORDS`: memory that nobody has to allocate, valid until the next call.
 *
 * A double is exact by construction: digits are gathered into one whole number below 2^53, which
 * is divided or multiplied once by a power of ten that a double holds exactly (up to 10^22), so
 * there is one rounding, as IEEE 754 asks for. Anything longer is read by `Number`.
 */
import { FAULT, numberEnd } from './lexer.ts'

/** The value of the number read last. */
export const NUMBER: Float64Array = new Float64Array(1)
/** The 64-bit integer read last: low word, high word. */
export const WORDS: Int32Array = new Int32Array(2)

/**
 * A whole number of so many digits, gathered digit by digit, is exact when it comes out below
 * 2^53: no rounding leads from above to below.
 */
const EXACT_DIGITS = 16
const LONG_DIGITS = 19
const POWERS: Float64Array = Float64Array.from({ length: 23 }, (_, exponent) =>
  Number(`1e${exponent}`),
)
const MINUS = 0x2d
const POINT = 0x2e
const ZERO = 0x30

/** Any number, as the nearest double. */
export function doubleEnd(data: Buffer, from: number, end: number): number {
  let at = from
  const isNegative = at < end && data[at] === MINUS
  if (isNegative) at++
  const whole = at
  let mantissa = 0
  for (; at < end; at++) {
    const digit = (data[at]! - ZERO) >>> 0
    if (digit > 9) break
    mantissa = mantissa * 10 + digit
  }
  let digits = at - whole
  if (digits === 0 || (digits > 1 && data[whole] === ZERO)) return FAULT
  let scale = 0
  if (at < end && data[at] === POINT) {
    const fraction = ++at
    for (; at < end; at++) {
      const digit = (data[at]! - ZERO) >>> 0
      if (digit > 9) break
      mantissa = mantissa * 10 + digit
    }
    scale = at - fraction
    if (scale === 0) return FAULT
    digits += scale
  }
  const hasExponent = at < end && (data[at]! | 0x20) === 0x65
  const isExact = digits <= EXACT_DIGITS && mantissa <= Number.MAX_SAFE_INTEGER
  if (hasExponent || !isExact) return anyDoubleEnd(data, from, end)
  const value = scale === 0 ? mantissa : mantissa / POWERS[scale]!
  NUMBER[0] = isNegative ? -value : value
  return at
}

function anyDoubleEnd(data: Buffer, from: number, end: number): number {
  const at = numberEnd(data, from, end)
  if (at !== FAULT) NUMBER[0] = Number(data.toString('latin1', from, at))
  return at
}

/** A whole number below 2^53. FAULT for other forms (`1.0`, `1e3`) and greater ones. */
export function integerEnd(data: Uint8Array, from: number, end: number): number {
  let at = from
  const isNegative = at < end && data[at] === MINUS
  if (isNegative) at++
  const first = at
  let value = 0
  for (; at < end; at++) {
    const digit = (data[at]! - ZERO) >>> 0
    if (digit > 9) break
    value = value * 10 + digit
  }
  const digits = at - first
  if (digits === 0 || (digits > 1 && data[first] === ZERO)) return FAULT
  if (digits > EXACT_DIGITS || value > Number.MAX_SAFE_INTEGER) return FAULT
  if (isFractional(data, at, end)) return FAULT
  NUMBER[0] = isNegative ? 0 - value : value
  return at
}

/** A whole number of 32 bits. */
export function int32End(data: Uint8Array, from: number, end: number): number {
  const at = integerEnd(data, from, end)
  return at === FAULT || (NUMBER[0]! | 0) === NUMBER[0] ? at : FAULT
}

/** A whole number below 2^53, as two words. */
export function safeEnd(data: Uint8Array, from: number, end: number): number {
  const at = integerEnd(data, from, end)
  if (at === FAULT) return FAULT
  const value = NUMBER[0]!
  WORDS[0] = value | 0
  WORDS[1] = Math.floor(value / 0x1_0000_0000)
  return at
}

/** A whole number of 64 bits, as two words. */
export function longEnd(data: Uint8Array, from: number, end: number): number {
  const at = safeEnd(data, from, end)
  return at === FAULT ? longerEnd(data, from, end) : at
}

/** 16 to 19 digits, in parts of which each is exact. */
function longerEnd(data: Uint8Array, from: number, end: number): number {
  const isNegative = from < end && data[from] === MINUS
  const first = isNegative ? from + 1 : from
  let at = first
  while (at < end && (data[at]! - ZERO) >>> 0 < 10) at++
  const digits = at - first
  if (digits < EXACT_DIGITS || digits > LONG_DIGITS || data[first] === ZERO) return FAULT
  if (isFractional(data, at, end)) return FAULT
  // value = upper * 10^9 + lower; upper = a * 2^16 + b.
  const upper = wholeOf(data, first, at - 9)
  const b = upper % 0x1_0000
  const shifted = ((upper - b) / 0x1_0000) * 1e9
  const low = b * 1e9 + wholeOf(data, at - 9, at) + (shifted % 0x1_0000) * 0x1_0000
  const high = Math.floor(shifted / 0x1_0000) + Math.floor(low / 0x1_0000_0000)
  // 2^63 and above; -2^63 is left to the clear decoder.
  if (high >= 0x8000_0000) return FAULT
  WORDS[0] = isNegative ? -(low % 0x1_0000_0000) | 0 : low | 0
  WORDS[1] = isNegative ? ~high + (WORDS[0] === 0 ? 1 : 0) : high
  return at
}

function wholeOf(data: Uint8Array, from: number, end: number): number {
  let value = 0
  for (let at = from; at < end; at++) value = value * 10 + (data[at]! - ZERO)
  return value
}

/** True when the number goes on behind its digits. */
function isFractional(data: Uint8Array, at: number, end: number): boolean {
  return at < end && (data[at] === POINT || (data[at]! | 0x20) === 0x65)
}
