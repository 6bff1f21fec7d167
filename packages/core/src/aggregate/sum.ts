/**
 * `sum`: whole numbers and decimals exactly, doubles rounded once (float-sum.ts). Overflow is found
 * when a result is asked for, from the true sum, so it depends on no order.
 */
import type { CellValue } from '../batch/column.ts'
import { MillraceError } from '../errors.ts'
import type { Expression } from '../expr/expression.ts'
import { type DataType, t } from '../schema/data-type.ts'
import { DECIMAL_DIGITS_MAX, type DecimalText, decimalText, isWithin } from '../util/decimal.ts'
import { type AggregateCall, aggregateCall } from './aggregate-call.ts'
import type { AggregateFunction, Aggregator } from './aggregator.ts'
import type { IntegerSum } from './integer-sum.ts'
import { requireNumber, requireNumeric } from './numeric-input.ts'
import { decimalAggregator, floatAggregator, integerAggregator } from './sum-aggregator.ts'

/**
 * The TypeScript type of a sum: bigint for bigints, text for decimals, else number; null over
 * nothing.
 */
export type SumOf<T> =
  | (NonNullable<T> extends bigint
      ? bigint
      : NonNullable<T> extends DecimalText
        ? DecimalText
        : number)
  | null

export const SUM: AggregateFunction = Object.freeze({
  name: 'sum',
  resultType(input: DataType | null): DataType {
    const { kind, as, scale } = requireNumeric('sum', input)
    if (kind === 'decimal') return t.decimal(DECIMAL_DIGITS_MAX, scale).nullable()
    if (kind === 'float64' || kind === 'json') return t.float64().nullable()
    return as === 'bigint' ? t.int64().nullable() : t.int64({ as: 'number' }).nullable()
  },
  create(input: DataType | null): Aggregator {
    const { kind, as, scale } = requireNumeric('sum', input)
    if (kind === 'decimal') return decimalAggregator(scale, state => asDecimal(state, scale))
    if (kind === 'float64') return FLOAT
    if (kind === 'json') return { ...FLOAT, check: value => requireNumber('sum', value) }
    return as === 'bigint' ? BIGINT : INTEGER
  },
})

const FLOAT = floatAggregator('sum')
const INTEGER = integerAggregator('sum', asNumber)
const BIGINT = integerAggregator('sum', asBigInt)

function asNumber(state: IntegerSum): CellValue {
  const total = state.total()
  const sum = Number(total)
  if (Number.isSafeInteger(sum)) return sum
  throw overflow(total, 'the whole numbers a number holds exactly', 't.int64()')
}

function asBigInt(state: IntegerSum): CellValue {
  const total = state.total()
  if (BigInt.asIntN(64, total) === total) return total
  throw overflow(total, 'int64', 't.float64()')
}

function asDecimal(state: IntegerSum, scale: number): CellValue {
  const total = state.total()
  if (isWithin(total, DECIMAL_DIGITS_MAX)) return decimalText(total, scale)
  throw overflow(decimalText(total, scale), `${DECIMAL_DIGITS_MAX} digits`, 't.float64()')
}

function overflow(total: bigint | string, range: string, type: string): MillraceError {
  return new MillraceError(
    'OVERFLOW',
    `sum is ${total}, beyond ${range}. Sum a wider type: sum(x.as(${type})).`,
  )
}

/**
 * The sum of the values that are not null; null when there are none.
 *
 * Whole numbers are summed exactly, int32 as int64, and fail with OVERFLOW beyond it; decimals
 * exactly with the scale of the column and 38 digits. A float64 sum
 * is the true sum rounded once, so it depends on no order; it is infinite beyond the greatest
 * double, and NaN with any NaN, or with both infinities, in it.
 *
 * @example
 * .agg(c => ({ total: sum(c.amount) }))
 */
export function sum<T extends number | bigint | DecimalText | null>(
  input: Expression<T>,
): AggregateCall<SumOf<T>> {
  return aggregateCall(SUM, input)
}
