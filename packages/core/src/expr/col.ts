import { MillraceError } from '../errors.ts'
import { describeValue } from '../schema/refusal.ts'
import type { ColumnOf } from './facets.ts'
import { columnExpression } from './fluent-expression.ts'

/**
 * A column by name, for expressions that are reused; whether it exists and fits is checked where it
 * is used. Give its type for typed methods: `col<number>('amount')`.
 */
// biome-ignore lint/suspicious/noExplicitAny: the type is known only where the column is used.
export function col<T = any>(name: string): ColumnOf<T> {
  if (typeof name !== 'string') {
    throw new MillraceError(
      'INVALID_ARGUMENT',
      `col takes the name of a column; got ${describeValue(name)}.`,
    )
  }
  return columnExpression(null, name) as unknown as ColumnOf<T>
}
