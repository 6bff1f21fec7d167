/**
 * The one order of values, for comparisons, `min` and `max`.
 *
 * Numbers by size, bigints and doubles exactly with each other; NaN equals NaN and is greater than
 * every number (as in Postgres, Spark and Polars), so that `eq`, grouping and `max` agree and `not
 * a < b` is `a >= b`; -0 equals 0. Text by code point, which is the order of its UTF-8 bytes. Bytes
 * unsigned. False before true.
 */
import type { CellValue } from '../batch/column.ts'

export function compareNumbers(left: number | bigint, right: number | bigint): number {
  if (left < right) return -1
  if (left > right) return 1
  // Equal, or at least one is NaN.
  return Number(Number.isNaN(left)) - Number(Number.isNaN(right))
}

/** By code point: JavaScript's own `<` would put U+10000 and above before U+E000. */
export function compareText(left: string, right: string): number {
  if (left === right) return 0
  const length = Math.min(left.length, right.length)
  for (let i = 0; i < length; i++) {
    const a = left.charCodeAt(i)
    const b = right.charCodeAt(i)
    if (a !== b) return codePointOrder(a) - codePointOrder(b)
  }
  return left.length - right.length
}

/** UTF-16 units in the order of code points: surrogates (D800–DFFF) after E000–FFFF. */
function codePointOrder(unit: number): number {
  if (unit < 0xd800) return unit
  return unit >= 0xe000 ? unit - 0x800 : unit + 0x2000
}

export function compareBytes(left: Uint8Array, right: Uint8Array): number {
  return Buffer.compare(left, right)
}

/**
 * The comparison for present cells of these kinds of value; null when they have no common order.
 */
export function compareCells(left: CellValue, right: CellValue): number | null {
  if (isNumeric(left) && isNumeric(right)) return compareNumbers(left, right)
  if (typeof left === 'string' && typeof right === 'string') return compareText(left, right)
  if (typeof left === 'boolean' && typeof right === 'boolean') return Number(left) - Number(right)
  if (left instanceof Uint8Array && right instanceof Uint8Array) return compareBytes(left, right)
  return null
}

function isNumeric(cell: CellValue): cell is number | bigint {
  return typeof cell === 'number' || typeof cell === 'bigint'
}
