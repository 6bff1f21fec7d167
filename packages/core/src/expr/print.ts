/**
 * Expressions as text, for `explain()`, errors and plan fingerprints: `amount > 50 and note is
 * null`.
 *
 * The text is complete (nothing is cut) and tells different expressions apart. Column names that
 * are not plain words are in double quotes, text literals in single quotes, as in SQL; a bigint has
 * its `n`.
 */
import type { DataType } from '../schema/data-type.ts'
import type { CallExpr, Expr, LiteralExpr, WhenExpr } from './expr.ts'

/** Binding strength of a printed operator; the operand of a stronger one needs no brackets. */
const STRONGEST = 9

const INFIX: Readonly<Record<string, readonly [symbol: string, strength: number]>> = {
  or: ['or', 1],
  and: ['and', 2],
  eq: ['=', 4],
  ne: ['<>', 4],
  gt: ['>', 4],
  gte: ['>=', 4],
  lt: ['<', 4],
  lte: ['<=', 4],
  add: ['+', 5],
  sub: ['-', 5],
  mul: ['*', 6],
  div: ['/', 6],
  mod: ['%', 6],
}

const NOT_STRENGTH = 3
const COMPARISON_STRENGTH = 4

export function printExpr(expr: Expr): string {
  switch (expr.kind) {
    case 'column':
      return printName(expr.name)
    case 'literal':
      return printLiteral(expr)
    case 'call':
      return printCall(expr)
    case 'when':
      return printWhen(expr)
    case 'cast':
      return `cast(${printExpr(expr.input)} as ${printType(expr.type)})`
    case 'function':
      return expr.label
  }
}

/** A column name as it stands in messages and plans. */
export function printName(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : escaped(name)
}

function printCall(call: CallExpr): string {
  const { name, args } = call
  const infix = INFIX[name]
  if (infix !== undefined) return printInfix(args, infix)
  const [first, ...rest] = args
  if (first === undefined) return `${name}()`
  switch (name) {
    case 'not':
      return `not ${printWithin(first, NOT_STRENGTH)}`
    case 'isNull':
      return `${printWithin(first, COMPARISON_STRENGTH + 1)} is null`
    case 'isNotNull':
      return `${printWithin(first, COMPARISON_STRENGTH + 1)} is not null`
    case 'isIn':
      return `${printWithin(first, COMPARISON_STRENGTH + 1)} in (${rest.map(printExpr).join(', ')})`
    default:
      return `${name}(${args.map(printExpr).join(', ')})`
  }
}

/**
 * Operators of one strength group to the left, so a right operand of the same strength has
 * brackets.
 */
function printInfix(args: readonly Expr[], [symbol, strength]: readonly [string, number]): string {
  const isComparison = strength === COMPARISON_STRENGTH
  return args
    .map((arg, i) => printWithin(arg, i === 0 && !isComparison ? strength : strength + 1))
    .join(` ${symbol} `)
}

function printWithin(expr: Expr, strength: number): string {
  const text = printExpr(expr)
  return strengthOf(expr) < strength ? `(${text})` : text
}

function strengthOf(expr: Expr): number {
  if (expr.kind !== 'call') return expr.kind === 'function' ? 0 : STRONGEST
  if (expr.name === 'not') return NOT_STRENGTH
  if (['isNull', 'isNotNull', 'isIn'].includes(expr.name)) return COMPARISON_STRENGTH
  return INFIX[expr.name]?.[1] ?? STRONGEST
}

function printWhen(expr: WhenExpr): string {
  const branches = expr.branches.map(
    branch => `when ${printExpr(branch.condition)} then ${printExpr(branch.value)}`,
  )
  return `case ${branches.join(' ')} else ${printExpr(expr.otherwise)} end`
}

function printLiteral({ value, type }: LiteralExpr): string {
  if (value === null) return 'null'
  if (type.kind === 'timestamp') return printTime(value as number)
  if (type.kind === 'decimal') return value as string
  if (typeof value === 'string')
    return `'${escaped(value).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`
  if (typeof value === 'bigint') return `${value}n`
  if (value instanceof Uint8Array) return `x'${Buffer.from(value).toString('hex')}'`
  return Object.is(value, -0) ? '-0' : String(value)
}

function printTime(ms: number): string {
  const date = new Date(ms)
  return `timestamp '${Number.isNaN(date.getTime()) ? ms : date.toISOString()}'`
}

function printType(type: DataType): string {
  return `${type.required()}${type.unit === undefined ? '' : `[${type.unit}]`}`
}

/** JSON text in which line separators are escaped too, so that it stays on its line. */
function escaped(text: string): string {
  return JSON.stringify(text).replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029')
}
