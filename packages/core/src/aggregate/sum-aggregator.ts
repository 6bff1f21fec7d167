/**
 * The machines of `sum` and `mean`: they differ only in what they read off the exact sum.
 *
 * Doubles go into a sum of theirs, whole numbers into another, and so do decimals of one scale, as
 * their smallest units.
 */
import type { CellValue } from '../batch/column.ts'
import { unscaledAt } from '../util/decimal.ts'
import type { Aggregator, ArrayStates } from './aggregator.ts'
import { FloatSum } from './float-sum.ts'
import { FloatSums } from './float-sums.ts'
import { IntegerSum } from './integer-sum.ts'
import { IntegerSums } from './integer-sums.ts'

/** @param what is read off the sum; null over nothing. */
export function floatAggregator(what: 'sum' | 'mean'): Aggregator<FloatSum> {
  return {
    kind: 'float-sum',
    init: () => new FloatSum(),
    add(state, value) {
      state.add(value as number)
      return state
    },
    merge(left, right) {
      left.merge(right)
      return left
    },
    result: state => (state.count === 0 ? null : state[what]()),
    write: (state, out) => state.write(out),
    read: from => FloatSum.read(from),
    inArrays: {
      make: () => new FloatSums(),
      result: (states: FloatSums, slot) => states[what](slot),
      results: (states: FloatSums, slots, type) => states[`${what}s`](slots, type),
    },
  }
}

/**
 * @param what `result` reads off the sum. It is asked only when something was added; over nothing
 *   the result is null.
 */
export function integerAggregator(
  what: 'sum' | 'mean',
  result: (sum: IntegerSum) => CellValue,
): Aggregator<IntegerSum> {
  const inArrays = arraysOf(null, result)
  return {
    kind: 'integer-sum',
    ...plainAggregator(result),
    inArrays: {
      ...inArrays,
      results: (states: IntegerSums, slots, type) =>
        states[`${what}s`](slots, type, slot => inArrays.result(states, slot)),
    },
  }
}

function plainAggregator(result: (sum: IntegerSum) => CellValue): Aggregator<IntegerSum> {
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

/**
 * Sums of the smallest units of decimals of one scale.
 * @param result is asked only when something was added; over nothing the result is null.
 */
export function decimalAggregator(
  scale: number,
  result: (sum: IntegerSum) => CellValue,
): Aggregator<IntegerSum> {
  return {
    ...plainAggregator(result),
    kind: `decimal-sum ${scale}`,
    add(state, value) {
      state.add(unscaledAt(value as string, scale))
      return state
    },
    inArrays: arraysOf(scale, result),
  }
}

function arraysOf(
  scale: number | null,
  result: (sum: IntegerSum) => CellValue,
): ArrayStates<IntegerSums> {
  return {
    make: () => new IntegerSums(scale),
    result(states, slot) {
      const sum = states.at(slot)
      return sum.count === 0 ? null : result(sum)
    },
  }
}
