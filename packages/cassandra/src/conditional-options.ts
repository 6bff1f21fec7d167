/**
 * What a user says about a write whose outcome is a column, and its checked form.
 *
 * Mistakes are thrown at the line of `conditional(…)`. What can be judged only with the live table
 * is told when the application starts.
 */
import { type Duration, durationMs, MillraceError, Schema, t } from '@millrace/core'
import { atLeast, type ConsistencyName, checkNames, wrong } from './option-checks.ts'
import { parseTableOptions, type TableSettings } from './table-options.ts'

export interface ConditionalOptions<Written> {
  /** The columns that are written, in the order in which they are given. */
  readonly schema: Schema<Written>
  /** Write only a row that is not there (an insert), or that is (an update). */
  readonly condition: 'not exists' | 'exists'
  /** Columns of the schema that have another name in the table. */
  readonly columns?: { readonly [K in keyof Written]?: string }
  /**
   * Nulls leave what is in the table (`unset`, default), delete it (`null`), or are an error of the
   * record (`refuse`). A null in the primary key is always an error.
   */
  readonly nulls?: 'unset' | 'null' | 'refuse'
  /** How long a row lives. */
  readonly ttl?: Duration
  /** Default `localQuorum`. */
  readonly consistency?: ConsistencyName
  /** Rows at once, in each task; those of one primary key go one after the other. Default 64. */
  readonly concurrency?: number
  /** How long what may go through later is tried again; then the run stops. Default 5 min. */
  readonly retryFor?: Duration
}

/** What there is to find: whether the row was written, and the row that is there now. */
export type Outcome<Written> = { applied: boolean } & Omit<Written, 'applied'>

export interface ConditionalSettings {
  readonly written: Schema
  readonly found: Schema
  /** Those of a sink that writes such rows. */
  readonly table: TableSettings
  readonly concurrency: number
  readonly retryForMs: number
}

const OPTIONS: { readonly [K in keyof Required<ConditionalOptions<object>>]: true } = {
  schema: true,
  condition: true,
  columns: true,
  nulls: true,
  ttl: true,
  consistency: true,
  concurrency: true,
  retryFor: true,
}

/** @throws INVALID_ARGUMENT, UNKNOWN_COLUMN, DUPLICATE_COLUMN */
export function parseConditional(
  options: ConditionalOptions<Record<string, unknown>>,
): ConditionalSettings {
  checkNames('conditional', options, OPTIONS)
  const { schema, condition, columns = {}, concurrency = 64, retryFor = '5m' } = options
  if (!(schema instanceof Schema) || schema.isOpen) {
    throw wrong(
      'conditional needs the columns that it writes: schema: schema({ id: t.string(), … })',
    )
  }
  if (condition === undefined)
    throw wrong("conditional needs a condition: 'not exists' or 'exists'")
  for (const name of Object.keys(columns)) schema.typeOf(name)
  if (schema.has('applied')) {
    throw new MillraceError(
      'DUPLICATE_COLUMN',
      'applied is the outcome. Give that column another name, and the one it has in the table by ' +
        'columns.',
    )
  }
  const renamed = Object.entries(columns as Record<string, string>).map(
    ([name, column]): [string, string] => [column, name],
  )
  const { nulls, ttl, consistency } = options
  return {
    written: schema,
    found: new Schema([{ name: 'applied', type: t.boolean() }, ...schema.fields]),
    table: parseTableOptions({
      condition,
      write: condition === 'exists' ? 'update' : 'insert',
      columns: Object.fromEntries(renamed),
      ...(nulls === undefined ? {} : { nulls }),
      ...(ttl === undefined ? {} : { ttl }),
      ...(consistency === undefined ? {} : { consistency }),
    }),
    concurrency: atLeast('concurrency', concurrency, 1),
    retryForMs: durationMs(retryFor, 'retryFor'),
  }
}
