import { MillraceError } from '../errors.ts'
import { callExpr, whenExpr } from './build.ts'
import type { Expr } from './expr.ts'
import type { Expression } from './expression.ts'
import type { CellOf, ColumnOf, Operand } from './facets.ts'
import { call, joined } from './fluent-expression.ts'
import { literalExpr } from './literal.ts'

/** Null is left only when every operand may be null. */
type FirstPresent<A extends readonly Operand[]> =
  | NonNullable<CellOf<A[number]>>
  | ({ [K in keyof A]: null extends CellOf<A[K]> ? never : K }[number] extends never ? null : never)

/**
 * The first of its operands that is not null; null when all are. Operands to the right of it are
 * not evaluated. All have one type; numbers are brought to one kind.
 */
export function coalesce<const A extends readonly [Operand, ...Operand[]]>(
  ...operands: A
): ColumnOf<FirstPresent<A>> {
  if (operands.length === 0) {
    throw new MillraceError('INVALID_ARGUMENT', 'coalesce needs at least one column or value.')
  }
  return call('coalesce', ...operands) as unknown as ColumnOf<FirstPresent<A>>
}

/** Null where the column equals `value`, else the column: `c.total.div(nullIf(c.count, 0))`. */
export function nullIf<T>(
  column: Expression<T>,
  value: NonNullable<T> | Expression<T | null>,
): ColumnOf<T | null> {
  return joined([column, value], ([input, other]) =>
    whenExpr(
      [{ condition: callExpr('eq', [input as Expr, other as Expr]), value: literalExpr(null) }],
      input as Expr,
    ),
  ) as unknown as ColumnOf<T | null>
}
