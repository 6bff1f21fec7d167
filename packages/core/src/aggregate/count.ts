import type { Expression } from '../expr/expression.ts'
import { expectVersion } from '../record/format/format-check.ts'
import { type DataType, t } from '../schema/data-type.ts'
import { type AggregateCall, aggregateCall } from './aggregate-call.ts'
import type { AggregateFunction, Aggregator } from './aggregator.ts'

const VERSION = 1
const TYPE: DataType = t.int64({ as: 'number' })

/** The state is the count itself. Stored: 01, varint count. */
const COUNTER: Aggregator<number> = {
  init: () => 0,
  add: state => state + 1,
  addAll({ accumulators, count, slot }, column) {
    if (column !== null) return false
    for (let i = 0; i < count; i++) {
      const { states } = accumulators[i] as { states: number[] }
      states[slot] = (states[slot] as number) + 1
    }
    return true
  },
  merge: (left, right) => left + right,
  result: state => state,
  write(state, out) {
    out.byte(VERSION)
    out.unsigned(state)
  },
  read(from) {
    expectVersion(from, VERSION, 'state of count')
    return from.unsigned()
  },
}

export const COUNT: AggregateFunction = Object.freeze({
  name: 'count',
  resultType: () => TYPE,
  create: () => COUNTER,
})

/**
 * The number of records in the group or, with a column, of its values that are not null. 0 when
 * there are none.
 *
 * @example
 * .agg(c => ({ n: count(), rated: count(c.rating) }))
 */
export function count(...input: [] | [input: Expression]): AggregateCall<number> {
  // A rest parameter, so that `count(c.misspelt)` from JavaScript is not taken for `count()`.
  return aggregateCall(COUNT, ...input)
}
