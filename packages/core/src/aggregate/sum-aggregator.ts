/** The machines of `sum` and `mean`: they differ only in what they read off the exact sum. */
import { type CellValue, Float64Column } from '../batch/column.ts'
import { getBit } from '../util/bitmap.ts'
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
