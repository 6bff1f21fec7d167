/** `mean`: the true sum divided by the count, rounded once. */
import type { Expression } from '../expr/expression.ts'
import { type DataType, t } from '../schema/data-type.ts'
import { type DecimalText, powerOfTen } from '../util/decimal.ts'
import { type AggregateCall, aggregateCall } from './aggregate-call.ts'
import type { AggregateFunction, Aggregator } from './aggregator.ts'
import { requireNumber, requireNumeric } from './numeric-input.ts'
import { decimalAggregator, floatAggregator, integerAggregator } from './sum-aggregator.ts'

export const MEAN: AggregateFunction = Object.freeze({
  name: 'mean',
  resultType(input: DataType | null): DataType {
    requireNumeric('mean', input)
    return t.float64().nullable()
  },
  create(input: DataType | null): Aggregator {
    const { kind, scale } = requireNumeric('mean', input)
    if (kind === 'decimal') return decimalAggregator(scale, sum => sum.mean(powerOfTen(scale)))
    if (kind === 'float64') return FLOAT
    if (kind === 'json') return { ...FLOAT, check: value => requireNumber('mean', value) }
    return INTEGER
  },
})

const FLOAT = floatAggregator('mean')
const INTEGER = integerAggregator('mean', sum => sum.mean())

/**
 * The mean of the values that are not null, as float64; null when there are none.
 *
 * It is the true sum divided by the count and rounded once: it depends on no order, and the mean of
 * great values does not overflow. NaN with any NaN, or with both infinities, among the values.
 *
 * @example
 * .agg(c => ({ average: mean(c.delay) }))
 */
export function mean(
  input: Expression<number | bigint | DecimalText | null>,
): AggregateCall<number | null> {
  return aggregateCall(MEAN, input)
}
