/**
 * Comparisons in the one order of `compare.ts`: NaN equals NaN and is above every number; 64-bit
 * integers by their halves, text by its bytes, so neither is made into a JavaScript value.
 */
import { compareText } from '../compare.ts'
import type { CallExpr, LiteralExpr } from '../expr.ts'
import type { Emitter } from './emitter.ts'
import { equalBytes, orderOfBytes } from './text-bytes.ts'
import { anyNull, type Value } from './value.ts'

type Form = (emitter: Emitter, call: CallExpr, args: readonly Value[]) => Value | null

const SYMBOLS: Readonly<Record<string, string>> = {
  eq: '===',
  ne: '!==',
  gt: '>',
  gte: '>=',
  lt: '<',
  lte: '<=',
}

export function emitComparison(name: string): Form {
  return (emitter, _, args) => {
    const [left, right] = args as [Value, Value]
    const nulls = anyNull(args)
    const isNull = nulls === null ? null : emitter.local(nulls)
    const test = comparison(emitter, name, { ...left, isNull }, { ...right, isNull })
    if (test === null) return null
    // Where a cell is null the code means nothing, and bytes are not looked at.
    const code = emitter.local(isNull === null ? test : `!${isNull} && (${test})`)
    return { holding: 'boolean', code, isNull }
  }
}

/** Code that is true where the value equals a literal; for `isIn`. */
export function equalTo(emitter: Emitter, value: Value, literal: LiteralExpr): string | null {
  const { value: cell } = literal
  if (value.holding === 'text' && typeof cell === 'string') {
    const stored = Buffer.from(cell, 'utf8')
    const bytes = { data: emitter.constant(stored), start: '0', size: String(stored.length) }
    const other: Value = { holding: 'text', code: emitter.constant(cell), isNull: null, bytes }
    return comparison(emitter, 'eq', value, other)
  }
  if (value.holding === 'number' && typeof cell === 'number') {
    const code = Number.isNaN(cell)
      ? `${value.code} !== ${value.code}`
      : `${value.code} === ${cell}`
    return `(${code})`
  }
  if (value.holding !== 'bigint' || typeof cell !== 'bigint') return null
  if (value.halves !== undefined) {
    const high = Number(BigInt.asIntN(32, cell >> 32n))
    const low = Number(BigInt.asUintN(32, cell))
    return `(${value.halves.low} === ${low} && ${value.halves.high} === ${high})`
  }
  return Number.isSafeInteger(Number(cell)) ? `(${value.code} === ${cell})` : 'false'
}

function comparison(emitter: Emitter, name: string, left: Value, right: Value): string | null {
  const symbol = SYMBOLS[name] as string
  if (left.holding === 'text' && right.holding === 'text') {
    return ofTexts(emitter, symbol, left, right)
  }
  if (left.holding === 'boolean' && right.holding === 'boolean') {
    return `${left.code} ${symbol} ${right.code}`
  }
  const areBigInts = left.holding === 'bigint' && right.holding === 'bigint'
  if (areBigInts && left.halves !== undefined && right.halves !== undefined) {
    return ofHalves(symbol, left.halves, right.halves)
  }
  if (!isNumber(left) || !isNumber(right)) return null
  const [a, b] = [left, right].map(each => emitter.local(emitter.exact(each)))
  return ofNumbers(name, { ...left, code: a as string }, { ...right, code: b as string })
}

function isNumber({ holding }: Value): boolean {
  return holding === 'number' || holding === 'bigint'
}

/** Clear version: the sign of `compareNumbers`. */
function ofNumbers(name: string, left: Value, right: Value): string {
  const [a, b] = [left.code, right.code]
  const [leftNaN, rightNaN] = [left.mayBeNaN === true, right.mayBeNaN === true]
  if (!leftNaN && !rightNaN) return `${a} ${SYMBOLS[name]} ${b}`
  switch (name) {
    case 'eq':
      return equalNumbers(a, b, leftNaN && rightNaN)
    case 'ne':
      return `!(${equalNumbers(a, b, leftNaN && rightNaN)})`
    case 'gt':
      return above(a, b, leftNaN, rightNaN)
    case 'lte':
      return `!(${above(a, b, leftNaN, rightNaN)})`
    case 'lt':
      return above(b, a, rightNaN, leftNaN)
    default:
      return `!(${above(b, a, rightNaN, leftNaN)})`
  }
}

function equalNumbers(a: string, b: string, bothNaN: boolean): string {
  return bothNaN ? `${a} === ${b} || (${a} !== ${a} && ${b} !== ${b})` : `${a} === ${b}`
}

function above(a: string, b: string, leftNaN: boolean, rightNaN: boolean): string {
  if (!leftNaN) return `${a} > ${b}`
  return rightNaN ? `${a} > ${b} || (${a} !== ${a} && ${b} === ${b})` : `!(${a} <= ${b})`
}

interface Halves {
  readonly high: string
  readonly low: string
}

function ofHalves(symbol: string, left: Halves, right: Halves): string {
  const equal = `${left.low} === ${right.low} && ${left.high} === ${right.high}`
  if (symbol === '===') return equal
  if (symbol === '!==') return `!(${equal})`
  const [strict = symbol] = symbol
  return (
    `${left.high} ${strict} ${right.high} || ` +
    `(${left.high} === ${right.high} && ${left.low} ${symbol} ${right.low})`
  )
}

function ofTexts(emitter: Emitter, symbol: string, left: Value, right: Value): string {
  const isEquality = symbol === '===' || symbol === '!=='
  if (left.bytes === undefined || right.bytes === undefined) {
    if (isEquality) return `${left.code} ${symbol} ${right.code}`
    return `${emitter.constant(compareText)}(${left.code}, ${right.code}) ${symbol} 0`
  }
  const [l, r] = [left.bytes, right.bytes]
  if (!isEquality) {
    const order = emitter.constant(orderOfBytes)
    const ranges = [l.data, l.start, l.size, r.data, r.start, r.size]
    return `${order}(${ranges}) ${symbol} 0`
  }
  const same = emitter.constant(equalBytes)
  const ranges = [l.data, l.start, r.data, r.start, l.size]
  const equal = `${l.size} === ${r.size} && ${same}(${ranges})`
  return symbol === '===' ? equal : `!(${equal})`
}
