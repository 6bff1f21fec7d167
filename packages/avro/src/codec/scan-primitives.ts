/**
 * The primitives that generated code calls where its own fast path ends: each gives the position
 * behind the value, or -1 where it is not valid; numbers are left in `WORDS`, low before high.
 *
 * They accept what `Cursor` accepts, and nothing is thrown: a record that is refused is read again
 * by the clear decoder, which says why.
 */
import { isText } from './cursor.ts'
import { checkDecimal } from './decimal.ts'
import { TIME_MAX } from './time.ts'

const WORDS: Int32Array = new Int32Array(2)

const BYTES_MAX = 10

/** The zig-zag long at `at`. */
function longEnd(data: Buffer, at: number, end: number): number {
  let low = 0
  let high = 0
  let position = at
  for (let shift = 0; shift < BYTES_MAX * 7; shift += 7) {
    if (position >= end) return -1
    const byte = data[position++] as number
    const bits = byte & 0x7f
    if (shift < 28) low |= bits << shift
    else if (shift === 28) {
      low |= bits << 28
      high = bits >>> 4
    } else {
      if (shift === 63 && byte > 1) return -1
      high |= bits << (shift - 32)
    }
    if (byte < 0x80) {
      const sign = -(low & 1)
      WORDS[0] = ((low >>> 1) | (high << 31)) ^ sign
      WORDS[1] = (high >>> 1) ^ sign
      return position
    }
  }
  return -1
}

/** The zig-zag int at `at`. */
function intEnd(data: Buffer, at: number, end: number): number {
  const position = longEnd(data, at, end)
  return position >= 0 && WORDS[1] === (WORDS[0] as number) >> 31 ? position : -1
}

/** Whether a long is within 2^53 - 1. */
function isSafe(low: number, high: number): boolean {
  return high >= -0x20_0000 && high < 0x20_0000 && (high !== -0x20_0000 || low !== 0)
}

/** The nearest float of a long, rounded once. */
function floatOf(low: number, high: number): number {
  if (isSafe(low, high)) return Math.fround(high * 0x1_0000_0000 + (low >>> 0))
  // Eleven bits less, and whether any of them was set.
  const upper = high * 0x20_0000 + (low >>> 11)
  const isOdd = Math.abs(upper % 2) === 1
  const hasRest = (low & 0x7ff) !== 0
  return Math.fround((hasRest && !isOdd ? upper + 1 : upper) * 2048)
}

/** Epoch milliseconds of a long in smaller units, cut off towards the past; NaN = out of range. */
function millisecondsOf(low: number, high: number, units: number): number {
  let ms: number
  if (isSafe(low, high)) ms = Math.floor((high * 0x1_0000_0000 + (low >>> 0)) / units)
  else {
    const value = (BigInt(high) << 32n) | BigInt(low >>> 0)
    const rest = value % BigInt(units)
    ms = Number((value - rest) / BigInt(units)) - (rest < 0n ? 1 : 0)
  }
  return ms >= -TIME_MAX && ms <= TIME_MAX ? ms : Number.NaN
}

/**
 * `isText`, a word of four bytes at a time, two in a turn; the last one may overlap them.
 * Perf: a record of 55 bytes, 41 of them text that is not read, 30 ns instead of 63 (Node 20).
 */
function isTextIn(data: Buffer, view: DataView, start: number, end: number): boolean {
  if (end - start < 4) return isText(data, start, end)
  let at = start
  let bits = view.getInt32(end - 4, true)
  for (; at + 8 <= end; at += 8) bits |= view.getInt32(at, true) | view.getInt32(at + 4, true)
  if (at + 4 <= end) bits |= view.getInt32(at, true)
  return (bits & 0x8080_8080) === 0 || isText(data, start, end)
}

function isDecimal(data: Buffer, start: number, end: number, precision: number): boolean {
  try {
    checkDecimal(data, start, end, precision)
    return true
  } catch {
    return false
  }
}

/** What generated code may use, by name. */
export const SCAN_PARTS: Readonly<Record<string, unknown>> = {
  WORDS,
  floatOf,
  intEnd,
  isDecimal,
  isSafe,
  isTextIn,
  longEnd,
  millisecondsOf,
}
