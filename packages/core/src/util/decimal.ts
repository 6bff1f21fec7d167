/**
 * Decimals as text and as whole numbers of their smallest units; nothing is ever rounded.
 *
 * The text of a decimal of some scale has exactly so many digits behind the point, no zeros in
 * front that say nothing and no minus before zero: one text for each value, so equal texts are
 * equal decimals.
 */

/** A decimal as text, `'12.30'`. TypeScript takes every literal that is a number. */
export type DecimalText = `${number}`

/** Digits that a decimal has at most, as in Arrow's decimal128. */
export const DECIMAL_DIGITS_MAX = 38

/** Why text is no decimal of some precision and scale. */
export class DecimalMisfit {
  /** `form`: it is no number; `scale`: digits too small; `precision`: too great. */
  readonly fault: 'form' | 'scale' | 'precision'

  constructor(fault: 'form' | 'scale' | 'precision') {
    this.fault = fault
  }
}

const NO_NUMBER = new DecimalMisfit('form')
const TOO_SMALL = new DecimalMisfit('scale')
const TOO_GREAT = new DecimalMisfit('precision')

const NUMBER = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/

/** The text of the number that other text writes, `'1.5'`, `'1.50'` and `'15e-1'` alike. */
export function fitDecimal(
  text: string,
  precision: number,
  scale: number,
): DecimalText | DecimalMisfit {
  const match = NUMBER.exec(text)
  if (match === null) return NO_NUMBER
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match
  const all = whole + fraction
  let first = 0
  while (first < all.length && all.charCodeAt(first) === ZERO) first++
  let end = all.length
  while (end > first && all.charCodeAt(end - 1) === ZERO) end--
  if (first === end) return zeroOf(scale)
  // The value is 0.DIGITS times ten to the power of `point`.
  const digits = all.slice(first, end)
  const point = whole.length - first + Number(exponent)
  if (point > precision - scale) return TOO_GREAT
  if (digits.length - point > scale) return TOO_SMALL
  const before = point <= 0 ? '0' : digits.slice(0, point).padEnd(point, '0')
  if (scale === 0) return `${sign}${before}` as DecimalText
  const behind = point <= 0 ? '0'.repeat(-point) + digits : digits.slice(point)
  return `${sign}${before}.${behind.padEnd(scale, '0')}` as DecimalText
}

const ZERO = 0x30

function zeroOf(scale: number): DecimalText {
  return (scale === 0 ? '0' : `0.${'0'.repeat(scale)}`) as DecimalText
}

/** The text of so many smallest units. @param unscaled a bigint, or a safe integer */
export function decimalText(unscaled: bigint | number, scale: number): DecimalText {
  const isNegative = unscaled < 0
  const digits = String(isNegative ? -unscaled : unscaled)
  const sign = isNegative ? '-' : ''
  if (scale === 0) return `${sign}${digits}` as DecimalText
  const padded = digits.padStart(scale + 1, '0')
  return `${sign}${padded.slice(0, -scale)}.${padded.slice(-scale)}` as DecimalText
}

/** The smallest units of a decimal's text, at a scale that is not below its own. */
export function unscaledAt(text: string, scale: number): bigint {
  const point = text.indexOf('.')
  if (point < 0) return BigInt(text) * powerOfTen(scale)
  const behind = text.length - point - 1
  const own = BigInt(text.slice(0, point) + text.slice(point + 1))
  return behind === scale ? own : own * powerOfTen(scale - behind)
}

/** Exactly. */
export function powerOfTen(exponent: number): bigint {
  return 10n ** BigInt(exponent)
}

/** How many digits stand behind the point of a decimal's text. */
export function scaleOf(text: string): number {
  const point = text.indexOf('.')
  return point < 0 ? 0 : text.length - point - 1
}

/** Less than, equal to or greater than 0, by value, whatever the scales. */
export function compareDecimals(left: string, right: string): number {
  if (left === right) return 0
  const scale = Math.max(scaleOf(left), scaleOf(right))
  const [a, b] = [unscaledAt(left, scale), unscaledAt(right, scale)]
  return a < b ? -1 : Number(a > b)
}

/** True where so many units have at most `precision` digits. */
export function isWithin(unscaled: bigint, precision: number): boolean {
  const limit = powerOfTen(precision)
  return unscaled < limit && unscaled > -limit
}
