/** The machines of `sum` and `mean`: they differ only in what they read off the exact sum. */
import type { CellValue } from '../batch/column.ts'
import type { Aggregator } from './aggregator.ts'
import { FloatSum } from './float-sum.ts'
import { IntegerSum } from './integer-sum.ts'

/** @param result is asked only when something was added; over nothing the result is null. */
export function floatAggregator(result: (sum: FloatSum) => CellValue): Aggregator<FloatSum> {
  return {
    init: () => new FloatSum(),
    add(state, value) {
      state.add(value as number)
      return state
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
