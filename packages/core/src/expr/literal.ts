/**
 * Values written into expressions, as literal nodes.
 *
 * A number is float64 until its neighbour says otherwise: a whole one takes the integer type (or
 * timestamp) of the column it stands beside, so `c.count.add(1)` stays an integer. `null` takes any
 * type.
 */
import type { CellValue } from '../batch/column.ts'
import { MillraceError } from '../errors.ts'
import { type DataType, t } from '../schema/data-type.ts'
import { describeValue } from '../schema/refusal.ts'
import type { Expr, LiteralExpr } from './expr.ts'

/** What may be written where a value is expected. A `Date` is a timestamp. */
export type Literal = string | number | bigint | boolean | Date | Uint8Array | null

const NULL_TYPE: DataType = t.json().nullable()
const INT64_MIN = -(2n ** 63n)
const INT64_MAX = 2n ** 63n - 1n

/**
 * A literal node of a JavaScript value. @throws INVALID_ARGUMENT for what has no column type:
 * undefined, objects, functions, too large a bigint.
 */
export function literalExpr(value: unknown): LiteralExpr {
  if (value === null) return typedLiteral(null, NULL_TYPE)
  switch (typeof value) {
    case 'string':
      // A column holds UTF-8, which has no lone surrogates; so neither has a literal.
      return typedLiteral(Buffer.from(value, 'utf8').toString('utf8'), t.string())
    case 'number':
      return typedLiteral(value, t.float64())
    case 'boolean':
      return typedLiteral(value, t.boolean())
    case 'bigint':
      if (value >= INT64_MIN && value <= INT64_MAX) return typedLiteral(value, t.int64())
      throw refused(value, 'a bigint must be within 64 bits')
  }
  if (value instanceof Uint8Array) return typedLiteral(value.slice(), t.bytes())
  if (value instanceof Date && !Number.isNaN(value.getTime())) {
    return typedLiteral(value.getTime(), t.timestamp())
  }
  throw refused(value, 'a value is text, a number, bigint, boolean, Date, Uint8Array or null')
}

export function typedLiteral(value: CellValue, type: DataType): LiteralExpr {
  return Object.freeze({ kind: 'literal', value, type })
}

/** A null of no type yet: `lit(null)`, `otherwise(null)`. */
export function isNullLiteral(expr: Expr): expr is LiteralExpr {
  return expr.kind === 'literal' && expr.value === null && expr.type.kind === 'json'
}

/** A whole number written by the user, which fits beside any integer column and timestamps. */
export function isWholeLiteral(expr: Expr): expr is LiteralExpr {
  return expr.kind === 'literal' && expr.type.kind === 'float64' && Number.isSafeInteger(expr.value)
}

function refused(value: unknown, rule: string): MillraceError {
  const hint =
    value === undefined
      ? ' Is a variable or a column name misspelt?'
      : ' Use col(name) for a column.'
  return new MillraceError(
    'INVALID_ARGUMENT',
    `${describeValue(value)} cannot be part of an expression: ${rule}.${hint}`,
  )
}
