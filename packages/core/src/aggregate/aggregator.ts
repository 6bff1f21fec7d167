/**
 * The contract of aggregates: what a group accumulates and what comes out.
 *
 * An `AggregateFunction` is a name with its typing; for a given input type it makes an
 * `Aggregator`, the machine. Laws (`testAggregator` in `testing/`): `init` is the identity of
 * `merge`; `merge` is associative and commutative; adding values one by one equals merging their
 * singletons, whatever the order; a state survives `write` and `read`. Null cells are never added
 * (`count()` without a column counts records). A state may be changed in place: `add` and `merge`
 * give the state to go on with, and what was passed as the first one must not be used after.
 */
import type { CellValue, Column } from '../batch/column.ts'
import type { DataType } from '../schema/data-type.ts'
import type { ByteReader } from '../util/byte-reader.ts'
import type { ByteWriter } from '../util/byte-writer.ts'
import type { States } from './states.ts'

// biome-ignore lint/suspicious/noExplicitAny: each aggregator has a state of its own.
export interface Aggregator<State = any> {
  /**
   * Aggregators of one kind take the same values to the same state, an object that is changed in
   * place: over one column a single state serves them all.
   */
  readonly kind?: string
  init(): State
  /**
   * Present where a value of the input type may not fit (`json`). A record goes into all aggregates
   * or into none, so the caller checks all values of a record before it adds the first.
   * @throws TYPE_MISMATCH
   */
  check?(value: Exclude<CellValue, null>): void
  /** Takes every value that `check` lets pass; never throws for one. */
  add(state: State, value: Exclude<CellValue, null>): State
  /** Leaves `right` as it is. */
  merge(left: State, right: State): State
  /**
   * Null when nothing was added and the aggregate of nothing is not defined. Leaves the state as it
   * is.
   * @throws OVERFLOW when the exact result does not fit its type. Only here, so that it depends on
   * no order.
   */
  result(state: State): CellValue
  /** Aggregates of several columns: one cell per column, asked for in the place of `result`. */
  results?(state: State): readonly CellValue[]
  /** Versioned binary form (docs/formats.md). */
  write(state: State, out: ByteWriter): void
  read(bytes: ByteReader): State
  /**
   * The same machine over states in typed arrays, with the same stored form. Aggregators of one
   * `kind` have the same there.
   */
  readonly inArrays?: ArrayStates
}

/** States of many groups in arrays, and the result of one of them. */
// biome-ignore lint/suspicious/noExplicitAny: each aggregator has states of its own.
export interface ArrayStates<S extends States = any> {
  make(): S
  /** As `Aggregator.result`. */
  result(states: S, slot: number): CellValue
  /**
   * The results at these slots as a column of the type; throws where one of them does. Null: not of
   * this type, `result` is asked for each.
   */
  results?(states: S, slots: Int32Array, type: DataType): Column | null
}

export interface AggregateFunction {
  readonly name: string
  /**
   * Type of the result for an input type (null = no input, as in `count()`).
   * @throws TYPE_MISMATCH naming the types that would fit.
   */
  resultType(input: DataType | null): DataType
  create(input: DataType | null): Aggregator
}
