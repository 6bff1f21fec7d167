import type { Expr } from '../expr/expr.ts'
import type { DataType } from '../schema/data-type.ts'
import type { AggregateFunction } from './aggregator.ts'

/**
 * One aggregate of `agg`, as the plan holds it: `sum(c.total)`.
 * `T` is the TypeScript type of the result column.
 */
export interface AggregateCall<T = unknown> {
  /** Only for the type checker. */
  readonly cell?: T
  readonly kind: 'aggregate'
  readonly aggregate: AggregateFunction
  /** Null for `count()`. */
  readonly input: Expr | null
  readonly type: DataType
}
