/**
 * One aggregate of `agg`: as the user writes it, `sum(c.total)`, and as the plan holds it, tied to
 * a schema.
 */
import type { CellValue } from '../batch/column.ts'
import { MillraceError } from '../errors.ts'
import type { Expr } from '../expr/expr.ts'
import { Expression } from '../expr/expression.ts'
import { printExpr } from '../expr/print.ts'
import { describeCell } from '../record/format/describe-cell.ts'
import type { DataType } from '../schema/data-type.ts'
import type { Schema } from '../schema/schema.ts'
import type { AggregateFunction } from './aggregator.ts'

/** What `count()`, `sum(x)`, … give. `T` is the TypeScript type of the result column. */
export interface AggregateCall<T = unknown> {
  /** Only for the type checker. */
  readonly cell?: T
  readonly kind: 'aggregate'
  readonly aggregate: AggregateFunction
  /** Null for `count()`. */
  readonly input: Expression | null
}

/** An aggregate over rows of a known schema. */
export interface ResolvedAggregate {
  readonly aggregate: AggregateFunction
  /** Null for `count()`. */
  readonly input: Expr | null
  /** Of the result. */
  readonly type: DataType
}

/**
 * A call of an aggregate function, checked at once where the input's columns are known. Without an
 * input it is over the records themselves.
 * @throws INVALID_ARGUMENT when the input is no expression; TYPE_MISMATCH when its type does not
 * fit.
 */
export function aggregateCall<T>(
  aggregate: AggregateFunction,
  ...inputs: readonly [] | readonly [input: Expression]
): AggregateCall<T> {
  const [input = null] = inputs
  if (inputs.length > 0 && !(input instanceof Expression)) {
    throw new MillraceError(
      'INVALID_ARGUMENT',
      `${aggregate.name} needs an expression such as c.amount or col('amount'); ` +
        `got ${describeCell(inputs[0] as unknown as CellValue)}.`,
    )
  }
  const call: AggregateCall<T> = Object.freeze({ kind: 'aggregate', aggregate, input })
  const schema = input === null ? null : Expression.schemaOf(input)
  if (schema !== null) resolveAggregate(call, schema)
  return call
}

/** True for what `count()`, `sum(x)`, … give. */
export function isAggregateCall(value: unknown): value is AggregateCall {
  return (
    typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'aggregate'
  )
}

/**
 * The aggregate over rows of `schema`.
 * @throws UNKNOWN_COLUMN or TYPE_MISMATCH when the input does not fit.
 */
export function resolveAggregate(call: AggregateCall, schema: Schema): ResolvedAggregate {
  const { aggregate } = call
  const input = call.input === null ? null : call.input.toExpr(schema)
  try {
    return Object.freeze({ aggregate, input, type: aggregate.resultType(input?.type ?? null) })
  } catch (error) {
    if (input === null || !MillraceError.is(error)) throw error
    throw error.at({ field: printExpr(input) })
  }
}
