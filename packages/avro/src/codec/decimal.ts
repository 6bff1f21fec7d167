/**
 * Decimals: in the data a big-endian two's-complement number of the smallest units, in a row text
 * with all digits of the scale (`"12.50"`, `"-0.07"`). Nothing is rounded on either way.
 */
import { ValueFault } from './value-fault.ts'

/** Bytes up to which a decimal is told in a number exactly. */
const NUMBER_BYTES_MAX = 6
const DECIMAL = /^([+-]?)(\d{1,20000})(?:\.(\d{0,20000}))?$/

/** @throws ValueFault when the number has more digits than the precision. */
export function checkDecimal(data: Buffer, start: number, end: number, precision: number): void {
  // 15 digits hold every number of 6 bytes.
  if (end - start <= NUMBER_BYTES_MAX && precision >= 15) return
  const first = significantStart(data, start, end)
  const isShort = end - first <= bytesMax(precision)
  if (isShort && digitCount(unscaled(data, first, end)) <= precision) return
  throw new ValueFault(`a decimal of at most ${precision} digits`, 'more')
}

/** The text of a decimal; no bytes are 0. */
export function decimalText(data: Buffer, start: number, end: number, scale: number): string {
  const value = unscaled(data, start, end)
  const isNegative = value < 0
  const digits = String(isNegative ? -value : value)
  const sign = isNegative ? '-' : ''
  if (scale === 0) return sign + digits
  const padded = digits.padStart(scale + 1, '0')
  return `${sign}${padded.slice(0, -scale)}.${padded.slice(-scale)}`
}

/**
 * The number of smallest units of a decimal's text, or why it cannot be written.
 */
export function unscaledOf(text: string, precision: number, scale: number): bigint | string {
  const match = DECIMAL.exec(text)
  if (match === null) return 'a decimal as text, such as "12.50"'
  const [, sign, whole = '', given = ''] = match
  const fraction = given.replace(/0+$/, '')
  if (fraction.length > scale) return `a decimal with at most ${scale} digits behind the point`
  const value = BigInt(whole + fraction.padEnd(scale, '0'))
  if (digitCount(value) > precision) return `a decimal of at most ${precision} digits`
  return sign === '-' ? -value : value
}

/** The fewest bytes of a two's-complement number, or exactly `size` of them. */
export function twosComplement(value: bigint, size?: number): Buffer {
  const bits = (value < 0n ? -value - 1n : value).toString(2).length
  const length = size ?? (value === 0n || value === -1n ? 1 : Math.floor(bits / 8) + 1)
  const hex = BigInt.asUintN(length * 8, value)
    .toString(16)
    .padStart(length * 2, '0')
  return Buffer.from(hex, 'hex')
}

/** The number of smallest units that bytes are. */
export function unscaled(data: Buffer, start: number, end: number): number | bigint {
  const size = end - start
  if (size === 0) return 0
  if (size <= NUMBER_BYTES_MAX) return data.readIntBE(start, size)
  return BigInt.asIntN(size * 8, BigInt(`0x${data.toString('hex', start, end)}`))
}

/** Where the bytes begin that do more than repeat the sign. */
function significantStart(data: Buffer, start: number, end: number): number {
  let first = start
  while (first + 1 < end) {
    const byte = data[first] as number
    const isNegative = (data[first + 1] as number) >= 0x80
    if (!(byte === 0 && !isNegative) && !(byte === 0xff && isNegative)) break
    first++
  }
  return first
}

function digitCount(value: number | bigint): number {
  return String(value < 0 ? -value : value).length
}

function bytesMax(precision: number): number {
  return Math.ceil((precision * Math.log2(10) + 1) / 8) + 1
}
