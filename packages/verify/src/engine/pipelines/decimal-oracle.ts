/**
 * Decimals of the oracle: text with two digits behind the point, `DECIMAL_SCALE`, computed by whole
 * numbers of a millionth, so that constants with more digits are compared too.
 */
import type { Cell } from './cell.ts'

const MILLION = 1_000_000n
const PLACES = 6
const CENT = 10_000n
const LIMIT = 10n ** 38n

const NUMBER = /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]?\d+))?$/i

/** In millionths; of text that is a number, of whole numbers. */
export function millionths(cell: Cell): bigint {
  if (typeof cell !== 'string') return BigInt(cell as number | bigint) * MILLION
  return textMillionths(cell) as bigint
}

/** Of text as people and machines write it; null: it is none of hundredths. */
export function millionthsOf(text: string): bigint | null {
  const value = textMillionths(text)
  return value === null || value % CENT !== 0n ? null : value
}

/** Null: it is no number, or has more places. */
function textMillionths(text: string): bigint | null {
  const match = NUMBER.exec(text)
  if (match === null) return null
  const [, sign, whole = '', fraction = '', exponent = '0'] = match
  const digits = BigInt(whole + fraction)
  const places = PLACES + Number(exponent) - fraction.length
  const scale = 10n ** BigInt(Math.abs(places))
  if (places < 0 && digits % scale !== 0n) return null
  const size = places < 0 ? digits / scale : digits * scale
  return sign === '-' ? -size : size
}

/** The text of hundredths; null where these have more than 38 digits. */
export function hundredthsText(value: bigint): string | null {
  const units = value / CENT
  if (units >= LIMIT || units <= -LIMIT) return null
  const size = units < 0n ? -units : units
  const text = `${size / 100n}.${String(size % 100n).padStart(2, '0')}`
  return units < 0n ? `-${text}` : text
}

/** To `digits` behind the point, at most two: halves away from zero, or down, or up. */
export function roundedMillionths(name: string, value: bigint, digits: number): bigint {
  const step = 10n ** BigInt(PLACES - Math.min(digits, 2))
  const below = value / step - (value % step < 0n ? 1n : 0n)
  const rest = value - below * step
  if (name === 'floor' || rest === 0n) return below * step
  if (name === 'ceil') return (below + 1n) * step
  const isUp = rest * 2n > step || (rest * 2n === step && value > 0n)
  return (below + (isUp ? 1n : 0n)) * step
}
