import type { Expression } from '../expr/expression.ts'
import { type AggregateCall, aggregateCall } from './aggregate-call.ts'
import type { AggregateFunction } from './aggregator.ts'
import { extreme, type Ordered } from './extreme.ts'

export const MAX: AggregateFunction = extreme('max', 1)

/**
 * The greatest of the values that are not null; null when there are none. Text is ordered by code
 * point, bytes unsigned, false before true; NaN comes after every number.
 *
 * @example
 * .agg(c => ({ max_delay: max(c.delay) }))
 */
export function max<T extends Ordered>(input: Expression<T>): AggregateCall<T | null> {
  return aggregateCall(MAX, input)
}
