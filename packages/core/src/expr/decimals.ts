/**
 * Decimals in expressions: which operands go beside them, and what comes out.
 *
 * Whole numbers, and numbers written as text (`'9.5'`), become decimals of just their digits. A
 * fraction written as a number, and float64 columns, are refused: they are rounded already. Sums
 * have the greater scale and one digit more in front, products the digits of both; beyond 38 digits
 * in all the ones in front are checked record by record, those behind are never cut off.
 */
import { type DataType, t } from '../schema/data-type.ts'
import {
  compareDecimals,
  DECIMAL_DIGITS_MAX,
  type DecimalText,
  fitDecimal,
  scaleOf,
} from '../util/decimal.ts'
import { castExpr } from './cast.ts'
import type { Expr, LiteralExpr } from './expr.ts'
import { typedLiteral } from './literal.ts'
import { mismatch } from './mismatch.ts'

export function isDecimal({ type }: Expr): boolean {
  return type.kind === 'decimal'
}

/**
 * Operands of which one is a decimal, all as decimals, each of its own precision and scale.
 * @throws TYPE_MISMATCH when one can't be.
 */
export function asDecimals(name: string, args: readonly Expr[]): readonly Expr[] {
  const lead = (args.find(isDecimal) as Expr).type
  return args.map(arg => asDecimal(name, arg, lead))
}

function asDecimal(name: string, arg: Expr, lead: DataType): Expr {
  if (isDecimal(arg)) return arg
  if (arg.kind === 'literal') return literalAsDecimal(name, arg, lead)
  if (arg.type.kind === 'json') return castExpr(arg, lead)
  if (arg.type.kind === 'int32') return castExpr(arg, t.decimal(10))
  if (arg.type.kind === 'int64') return castExpr(arg, t.decimal(19))
  throw refused(name, arg)
}

function literalAsDecimal(name: string, arg: LiteralExpr, lead: DataType): Expr {
  const { value } = arg
  if (value === null) return typedLiteral(null, lead.nullable())
  const isTime = arg.type.kind === 'timestamp'
  const isWhole = (Number.isSafeInteger(value) && !isTime) || typeof value === 'bigint'
  const isText = typeof value === 'string' && PLAIN.test(value)
  const literal = isWhole || isText ? decimalLiteral(String(value)) : null
  return literal ?? refused(name, arg)
}

const PLAIN = /^-?\d+(\.\d+)?$/

/** A literal of as many digits as it has; null where they are too many. */
function decimalLiteral(text: string): Expr | null {
  const scale = scaleOf(text)
  const cell = fitDecimal(text, DECIMAL_DIGITS_MAX, Math.min(scale, DECIMAL_DIGITS_MAX))
  if (typeof cell !== 'string') return null
  const digits = cell.replace(/^-?0*/, '').replace('.', '').length
  return typedLiteral(cell, t.decimal(Math.max(digits, scale, 1), scale))
}

function refused(name: string, arg: Expr): never {
  const isFraction = arg.kind === 'literal' && typeof arg.value === 'number'
  throw mismatch(
    name,
    'decimals',
    arg,
    isFraction
      ? `Write it as text, which is exact: '${String(arg.value)}'.`
      : 'Convert one of them: .as(t.decimal(9, 2)), or the decimal .as(t.float64()).',
  )
}

/**
 * One type that holds every cell of them.
 * @throws TYPE_MISMATCH when that has more than 38 digits.
 */
export function sharedDecimal(name: string, args: readonly Expr[]): DataType {
  const scale = Math.max(...args.map(arg => arg.type.scale))
  const whole = Math.max(...args.map(({ type }) => type.precision - type.scale))
  if (whole + scale <= DECIMAL_DIGITS_MAX) return t.decimal(Math.max(whole + scale, 1), scale)
  throw mismatch(
    name,
    `decimals of at most ${DECIMAL_DIGITS_MAX} digits together`,
    args.find(arg => arg.type.scale === scale) as Expr,
    'Convert one to fewer digits: .as(t.decimal(…)).',
  )
}

/** The operand as a decimal of another type; a literal at once, where it fits. */
export function ofDecimalType(arg: Expr, type: DataType): Expr {
  if (arg.type.sameKind(type)) return arg
  if (arg.kind !== 'literal' || arg.value === null) return castExpr(arg, type)
  const cell = fitDecimal(arg.value as string, type.precision, type.scale)
  return typeof cell === 'string' ? typedLiteral(cell, type.required()) : arg
}

export function sumType([left, right]: readonly Expr[]): DataType {
  const [a, b] = [(left as Expr).type, (right as Expr).type]
  const scale = Math.max(a.scale, b.scale)
  const whole = Math.max(a.precision - a.scale, b.precision - b.scale) + 1
  return t.decimal(Math.min(whole + scale, DECIMAL_DIGITS_MAX), scale)
}

/** @throws TYPE_MISMATCH when there would be more than 38 digits behind the point. */
export function productType(name: string, [left, right]: readonly Expr[]): DataType {
  const [a, b] = [(left as Expr).type, (right as Expr).type]
  const scale = a.scale + b.scale
  if (scale <= DECIMAL_DIGITS_MAX) {
    return t.decimal(Math.min(a.precision + b.precision, DECIMAL_DIGITS_MAX), scale)
  }
  throw mismatch(
    name,
    `decimals of at most ${DECIMAL_DIGITS_MAX} digits behind the point together`,
    left as Expr,
    'Round one of them first: .round(2).',
  )
}

/** A decimal rounded to fewer digits behind the point; it may have one more in front. */
export function roundedType({ precision, scale }: DataType, digits: number): DataType {
  const behind = Math.min(digits, scale)
  const whole = precision - scale + Number(behind < scale)
  return t.decimal(Math.min(Math.max(whole + behind, 1), DECIMAL_DIGITS_MAX), behind)
}

/** By value. */
export const decimalOrder: (left: DecimalText, right: DecimalText) => number = compareDecimals
