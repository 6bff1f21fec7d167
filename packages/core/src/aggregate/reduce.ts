/**
 * `reduce`: what a user's functions make of the records of a group, as a row of several columns.
 *
 * The state is the row in its stored form, so nothing that a function does to an object it was
 * given or gave changes it. Records go in in the order in which they come; two states can't be
 * merged. Stored: 01, then nothing over nothing, or the sized row.
 */
import { type Held, keeperOf } from '../batch/keeper.ts'
import type { Row } from '../batch/row.ts'
import type { CellValue } from '../record/cell-value.ts'
import { expectVersion } from '../record/format/format-check.ts'
import { t } from '../schema/data-type.ts'
import type { Schema } from '../schema/schema.ts'
import { assert } from '../util/assert.ts'
import type { AggregateFunction, Aggregator } from './aggregator.ts'

export interface RowFunctions {
  /** From the first record. */
  readonly init: (row: Row) => Row
  readonly add: (accumulated: Row, row: Row) => Row
}

const VERSION = 1

/** Its input are whole rows. */
export function reduceAggregate(schema: Schema, functions: RowFunctions): AggregateFunction {
  return Object.freeze({
    name: 'reduce',
    resultType: () => t.json().nullable(),
    create: () => aggregatorOf(schema, functions),
  })
}

function aggregatorOf(schema: Schema, { init, add }: RowFunctions): Aggregator<Held> {
  const keeper = keeperOf(schema)
  const rowOf = (state: Held): Row => keeper.give(state) as Row
  return {
    init: () => null,
    add: (state, value) => {
      const row = value as Row
      return keeper.hold(state === null ? init(row) : add(rowOf(state), row), 'reduce')
    },
    merge: () => {
      assert(false, 'states of reduce are not merged')
    },
    result: state => (state === null ? null : rowOf(state)),
    results: state => {
      const row = state === null ? {} : rowOf(state)
      return schema.names.map(name => (row[name] ?? null) as CellValue)
    },
    write(state, out) {
      out.byte(VERSION)
      if (state !== null) keeper.write(state, out)
    },
    read(from) {
      expectVersion(from, VERSION, 'state of reduce')
      return from.left === 0 ? null : keeper.read(from)
    },
  }
}
