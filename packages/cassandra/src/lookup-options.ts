/** What a user says about a table that rows are looked up in, and its checked form. */
import { type Duration, durationMs, Schema } from '@millrace/core'
import { atLeast, type ConsistencyName, checkNames, consistencyOf, wrong } from './option-checks.ts'

export interface LookupTableOptions<Found> {
  /** The columns that may be looked up, those of the key among them; checked against the table. */
  readonly schema: Schema<Found>
  /** The columns of the schema that are the primary key, in the order in which they are given. */
  readonly key: readonly (keyof Found & string)[]
  /** Columns of the schema that have another name in the table. */
  readonly columns?: { readonly [K in keyof Found]?: string }
  /** Default `localQuorum`. */
  readonly consistency?: ConsistencyName
  /** Questions at once, in each task. Default 64. */
  readonly concurrency?: number
  /** How long what may go through later is tried again; then the run stops. Default 5 min. */
  readonly retryFor?: Duration
}

export interface LookupSettings {
  readonly schema: Schema
  readonly key: readonly string[]
  /** Name in the table, by that in the schema. */
  readonly columns: ReadonlyMap<string, string>
  readonly consistency: number
  readonly concurrency: number
  readonly retryForMs: number
}

const OPTIONS: { readonly [K in keyof Required<LookupTableOptions<object>>]: true } = {
  schema: true,
  key: true,
  columns: true,
  consistency: true,
  concurrency: true,
  retryFor: true,
}

/** @throws INVALID_ARGUMENT, UNKNOWN_COLUMN */
export function parseLookupOptions(
  options: LookupTableOptions<Record<string, unknown>>,
): LookupSettings {
  checkNames('lookup', options, OPTIONS)
  const { schema, key, columns = {}, concurrency = 64 } = options
  if (!(schema instanceof Schema)) {
    throw wrong('lookup needs the columns of the table: schema: schema({ id: t.string(), … })')
  }
  if (!Array.isArray(key) || key.length === 0) {
    throw wrong("lookup needs the primary key of the table: key: ['id']")
  }
  for (const name of [...key, ...Object.keys(columns)]) schema.typeOf(name)
  return {
    schema,
    key: [...key],
    columns: new Map(Object.entries(columns) as [string, string][]),
    consistency: consistencyOf(options.consistency ?? 'localQuorum'),
    concurrency: atLeast('concurrency', concurrency, 1),
    retryForMs: durationMs(options.retryFor ?? '5m', 'retryFor'),
  }
}
