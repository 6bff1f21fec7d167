/**
 * Decimals of JSON read as bytes, number or text, without a double in between.
 *
 * `decimalEnd` gives the position behind the digits, or FAULT for what is not plain (exponents,
 * zeros that say nothing, too many digits): the clear decoder reads that, or says what is wrong.
 */
import { powerOfTen } from '../../util/decimal.ts'
import { FAULT } from './lexer.ts'

/**
 * The smallest units of the decimal read last, the lowest word first; valid until the next call.
 */
export const DECIMAL: Int32Array = new Int32Array(4)

/** A whole number of so many digits is exact as a double. */
const EXACT_DIGITS = 15
const POWERS: Float64Array = Float64Array.from({ length: EXACT_DIGITS + 1 }, (_, exponent) =>
  Number(`1e${exponent}`),
)
const MINUS = 0x2d
const POINT = 0x2e
const ZERO = 0x30

export function decimalEnd(
  data: Buffer,
  from: number,
  end: number,
  precision: number,
  scale: number,
): number {
  let at = from
  const isNegative = at < end && data[at] === MINUS
  if (isNegative) at++
  const first = at
  let units = 0
  for (; at < end; at++) {
    const digit = (data[at]! - ZERO) >>> 0
    if (digit > 9) break
    units = units * 10 + digit
  }
  const point = at
  const whole = point - first
  if (whole === 0 || (whole > 1 && data[first] === ZERO)) return FAULT
  if (at < end && data[at] === POINT) {
    at++
    for (; at < end; at++) {
      const digit = (data[at]! - ZERO) >>> 0
      if (digit > 9) break
      units = units * 10 + digit
    }
    if (at === point + 1) return FAULT
  }
  if (at < end && (data[at]! | 0x20) === 0x65) return FAULT
  const behind = at === point ? 0 : at - point - 1
  if (behind > scale || (whole > precision - scale && data[first] !== ZERO)) return FAULT
  if (whole + scale > EXACT_DIGITS) {
    const digits = data.toString('latin1', first, point) + data.toString('latin1', point + 1, at)
    putBig(BigInt(digits) * powerOfTen(scale - behind), isNegative)
    return at
  }
  putNumber(units * POWERS[scale - behind]!, isNegative)
  return at
}

function putNumber(size: number, isNegative: boolean): void {
  const units = isNegative ? 0 - size : size
  const high = Math.floor(units / 0x1_0000_0000)
  DECIMAL[0] = units | 0
  DECIMAL[1] = high
  DECIMAL[2] = DECIMAL[3] = high >> 31
}

function putBig(size: bigint, isNegative: boolean): void {
  const units = isNegative ? -size : size
  for (let word = 0; word < 4; word++) {
    DECIMAL[word] = Number(BigInt.asIntN(32, units >> BigInt(32 * word)))
  }
}
