/**
 * The machines of `sum` and `mean`: they differ only in what they read off the exact sum.
 *
 * Doubles go into a sum of theirs, whole numbers into another, and so do decimals of one scale, as
 * their smallest units.
 */
import { type CellValue, DecimalColumn, Float64Column } from '../batch/column.ts'
import { getBit } from '../util/bitmap.ts'
import { unscaledAt } from '../util/decimal.ts'
import type { Aggregator } from './aggregator.ts'
import { FloatSum } from './float-sum.ts'
import { IntegerSum } from './integer-sum.ts'
import { isShared } from './shared-state.ts'

/** @param result is asked only when something was added; over nothing the result is null. */
export function floatAggregator(result: (sum: FloatSum) => CellValue): Aggregator<FloatSum> {
  return {
    kind: 'float-sum',
    init: () => new FloatSum(),
    add(state, value) {
      state.add(value as number)
      return state
    },
    addAll({ accumulators, indices, count, slot, twin }, column) {
      if (!(column instanceof Float64Column)) return false
      const { values, validity } = column
      for (let i = 0; i < count; i++) {
        const index = indices[i] as number
        if (validity !== null && !getBit(validity, index)) continue
        const { states } = accumulators[i] as { states: FloatSum[] }
        if (isShared(states, slot, twin)) continue
        ;(states[slot] as FloatSum).add(values[index] as number)
      }
      return true
    },
    merge(left, right) {
      left.merge(right)
      return left
    },
    result: state => (state.count === 0 ? null : result(state)),
    write: (state, out) => state.write(out),
    read: from => FloatSum.read(from),
  }
}

/** @param result is asked only when something was added; over nothing the result is null. */
export function integerAggregator(result: (sum: IntegerSum) => CellValue): Aggregator<IntegerSum> {
  return {
    kind: 'integer-sum',
    init: () => new IntegerSum(),
    add(state, value) {
      state.add(value as number | bigint)
      return state
    },
    merge(left, right) {
      left.merge(right)
      return left
    },
    result: state => (state.count === 0 ? null : result(state)),
    write: (state, out) => state.write(out),
    read: from => IntegerSum.read(from),
  }
}

/**
 * Sums of the smallest units of decimals of one scale.
 * @param result is asked only when something was added; over nothing the result is null.
 */
export function decimalAggregator(
  scale: number,
  result: (sum: IntegerSum) => CellValue,
): Aggregator<IntegerSum> {
  return {
    ...integerAggregator(result),
    kind: `decimal-sum ${scale}`,
    add(state, value) {
      state.add(unscaledAt(value as string, scale))
      return state
    },
    addAll({ accumulators, indices, count, slot, twin }, column) {
      if (!(column instanceof DecimalColumn) || column.type.scale !== scale) return false
      for (let i = 0; i < count; i++) {
        const index = indices[i] as number
        if (column.isNull(index)) continue
        const { states } = accumulators[i] as { states: IntegerSum[] }
        if (isShared(states, slot, twin)) continue
        const units = column.number(index)
        ;(states[slot] as IntegerSum).add(Number.isNaN(units) ? column.unscaled(index) : units)
      }
      return true
    },
  }
}
