/**
 * Numbers as text, as JavaScript's `String` writes them, for row-writer.ts. Whole numbers and
 * decimals of six places have ways of their own, all others are looked for in shortest-double.ts.
 * Each gives where the text ends; more may be written behind it.
 */
import {
  shortest,
  digits as shortestDigits,
  exponent as shortestExponent,
} from './shortest-double.ts'

const ZERO: u8 = 0x30
const POINT: u8 = 0x2e
const MINUS: u8 = 0x2d
const ZEROS: u64 = 0x3030303030303030
const SAFE_MAX: f64 = 9007199254740991

/** A whole number; at most 20 digits, up to 7 bytes more are written. */
export function writeDecimal(to: usize, value: u64): usize {
  if (value >= 100000000) {
    const upper = value / 100000000
    const at = writeDecimal(to, upper)
    store<u64>(at, eightDigits(value - upper * 100000000) | ZEROS)
    return at + 8
  }
  const digits = eightDigits(value)
  const blank: usize = value === 0 ? 7 : <usize>ctz(digits) >> 3
  store<u64>(to, (digits | ZEROS) >> ((<u64>blank) << 3))
  return to + 8 - blank
}

export function writeInteger(to: usize, value: i64): usize {
  if (value >= 0) return writeDecimal(to, value)
  store<u8>(to, MINUS)
  return writeDecimal(to + 1, 0 - value)
}

/** Below 10^8, a digit a byte, the first one lowest: fours, then pairs, then all. */
function eightDigits(value: u64): u64 {
  const upper = value / 10000
  let all = upper | ((value - upper * 10000) << 32)
  let tens = ((all * 10486) >> 20) & 0x0000007f0000007f
  all = tens | ((all - 100 * tens) << 16)
  tens = ((all * 103) >> 10) & 0x000f000f000f000f
  return tens | ((all - 10 * tens) << 8)
}

/** At most 25 bytes, up to 16 more are written; 0 = it is no number of JSON. */
export function writeDouble(to: usize, value: f64): usize {
  let at = to
  const size = abs(value)
  if (reinterpret<u64>(value) >> 63 !== 0) store<u8>(at++, MINUS)
  if (size <= SAFE_MAX && trunc(size) === size) return writeDecimal(at, <u64>size)
  // A decimal of at most 15 digits that reads back as the value is its shortest form, trailing
  // zeros aside, because no two of them are the same double.
  if (size < 1e9) {
    const millionths = nearest(size * 1e6)
    if (millionths / 1e6 === size) return writeMillionths(at, <u64>millionths)
  }
  if (!(size < Infinity)) return 0
  shortest(size)
  return writeShortest(at)
}

function writeMillionths(to: usize, value: u64): usize {
  const whole = value / 1000000
  const at = writeDecimal(to, whole)
  const digits = eightDigits((value - whole * 1000000) * 100)
  store<u8>(at, POINT)
  store<u64>(at + 1, digits | ZEROS)
  return at + 9 - (<usize>clz(digits) >> 3)
}

/** What `shortest` found, in the form of `Number::toString` (ECMA-262, 6.1.6.1.20). */
function writeShortest(to: usize): usize {
  // One byte on, where a point may have to stand.
  const from = to + 1
  let end = writeDecimal(from, shortestDigits)
  const n = <i32>(end - from) + shortestExponent
  while (load<u8>(end - 1) === ZERO) end--
  const k = <i32>(end - from)
  if (n > 21 || n <= -6) {
    store<u8>(to, load<u8>(from))
    store<u8>(from, POINT)
    return writeExponent(k === 1 ? from : end, n - 1)
  }
  if (n <= 0) {
    const zeros = <usize>(2 - n)
    memory.copy(to + zeros, from, k)
    store<u8>(to, ZERO)
    store<u8>(to + 1, POINT)
    for (let i: usize = 2; i < zeros; i++) store<u8>(to + i, ZERO)
    return to + zeros + k
  }
  const point = <usize>min(n, k)
  for (let i: usize = 0; i < point; i++) store<u8>(to + i, load<u8>(from + i))
  if (n < k) {
    store<u8>(to + point, POINT)
    return end
  }
  for (let i = k; i < n; i++) store<u8>(to + i, ZERO)
  return to + n
}

function writeExponent(to: usize, exponent: i32): usize {
  store<u8>(to, 0x65)
  store<u8>(to + 1, exponent < 0 ? MINUS : 0x2b)
  return writeDecimal(to + 2, abs(exponent))
}
