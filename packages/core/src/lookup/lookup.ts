/**
 * The contract of tables that rows are looked up in: a key per record, at most one row for each.
 *
 * A `LookupDefinition` is what a user gives to `frame.lookup`; each task makes a `Lookup` of its
 * own. The step in front of it asks for the keys of a whole batch at once, each key once, and keeps
 * rows for a while; so a lookup keeps nothing. What it gives is no function of the input logs: a
 * record that is processed again may find another row.
 *
 * A lookup whose questions change the table, such as a write that tells whether it was done, is
 * asked `perRecord`: for each record, in their order, and nothing is kept.
 *
 *   open → rows … → close
 */
import type { CellValue } from '../batch/column.ts'
import type { MillraceError } from '../errors.ts'
import type { DataType } from '../schema/data-type.ts'
import type { Schema } from '../schema/schema.ts'
import type { Clock } from '../util/clock.ts'

/** What a lookup may ask of the task it runs in. */
export interface LookupContext {
  /** The user's step: `lookup#3`. */
  readonly step: string
  /** Columns of its schema that rows are to have, in this order. */
  readonly fields: readonly string[]
  readonly clock: Clock
  /** Tells the user of trouble that may pass. */
  warn(text: string): void
}

/** Cells of the key, in the order of the key's columns; none is null, unless it is `perRecord`. */
export type LookupKey = readonly CellValue[]

/** A row; null = there is none. An error is one of the record alone, and goes to its policy. */
export type LookupAnswer = readonly CellValue[] | MillraceError | null

/** A table as one task asks it. */
export interface Lookup {
  /** Why it gives nothing at this moment, where that may last; null or missing = it does. */
  readonly waitsFor?: string | null
  /** @throws LOOKUP_FAILED, SCHEMA_MISMATCH */
  open(context: LookupContext): Promise<void>
  /**
   * The rows of keys, in their order; the keys differ from each other, unless it is `perRecord`.
   * Cells are in the order of `fields`. One call is made after the other.
   * @throws LOOKUP_FAILED when it cannot be known
   */
  rows(keys: readonly LookupKey[]): Promise<readonly LookupAnswer[]>
  /** Idempotent. */
  close(): Promise<void>
}

/** A table that rows are looked up in by its key; what `frame.lookup` takes. */
// biome-ignore lint/suspicious/noExplicitAny: a lookup of any rows, as in Array<any>.
export interface LookupDefinition<Found = any> {
  /** For plans and errors: `cassandra shop.users`. */
  readonly name: string
  /** The columns that can be had. */
  readonly schema: Schema<Found>
  /** The columns of the key: names for messages, types for checks. */
  readonly key: readonly { readonly name: string; readonly type: DataType }[]
  /** It is asked for each record, nulls and equal keys among them. Default: for each key, once. */
  readonly perRecord?: boolean
  create(): Lookup
}
