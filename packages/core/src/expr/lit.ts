import type { CellOf, ColumnOf } from './facets.ts'
import { asExpression } from './fluent-expression.ts'
import type { Literal } from './literal.ts'

/**
 * A value as an expression: `lit(0)`, `lit(new Date('2026-01-01T00:00Z'))` (a timestamp),
 * `lit(null).as(t.string())`. A number is float64; a whole one becomes an integer beside an integer
 * column.
 */
export function lit<V extends Literal>(value: V): ColumnOf<CellOf<V>> {
  return asExpression(value) as unknown as ColumnOf<CellOf<V>>
}
