/**
 * What a user says about a table that is read as a source, and its checked form.
 *
 * Mistakes are thrown at the line of `source(…)`: unknown options, numbers out of range. What can
 * be judged only with the live table is in `source-plan.ts`.
 */
import { type Duration, durationMs, Schema, type SourceRowOptions } from '@millrace/core'
import { type ConsistencyName, checkNames, consistencyOf, wrong } from './option-checks.ts'

// biome-ignore lint/suspicious/noExplicitAny: rows of any type, as in Array<any>.
export interface TableSourceOptions<Row = any> extends SourceRowOptions<Row> {
  /** The columns to read, and as what; default all of the table, as their types are. */
  readonly schema?: Schema<Row>
  /** Columns of the schema that have another name in the table. */
  readonly columns?: { readonly [K in keyof Row]?: string }
  /** So many readers at once, each with an equal piece of the ring of tokens. Default 1. */
  readonly partitions?: number
  /** Questions at once, in each reader. Default 4. */
  readonly concurrency?: number
  /** Rows that one answer has at most; `concurrency` answers are in memory. Default 1,000. */
  readonly pageRows?: number
  /** Default `localQuorum`. */
  readonly consistency?: ConsistencyName
  /** How long what may go through later is tried again; then the run stops. Default 5 min. */
  readonly retryFor?: Duration
}

export interface SourceSettings {
  /** Null: that of the table. */
  readonly schema: Schema | null
  /** Name in the table, by that in the schema. */
  readonly columns: ReadonlyMap<string, string>
  readonly row: SourceRowOptions
  readonly partitions: number
  readonly concurrency: number
  readonly pageRows: number
  readonly consistency: number
  readonly retryForMs: number
}

const OPTIONS: { readonly [K in keyof Required<TableSourceOptions<object>>]: true } = {
  schema: true,
  columns: true,
  timestamp: true,
  key: true,
  partitions: true,
  concurrency: true,
  pageRows: true,
  consistency: true,
  retryFor: true,
}
/** More would be questions without rows. */
const PARTITIONS_MAX = 1_024

/** @throws INVALID_ARGUMENT, UNKNOWN_COLUMN */
export function parseSourceOptions(
  options: TableSourceOptions<Record<string, unknown>>,
): SourceSettings {
  checkNames('source', options, OPTIONS)
  const { schema, columns = {}, timestamp, key } = options
  if (schema !== undefined && !(schema instanceof Schema)) {
    throw wrong('schema is made by schema({ id: t.string(), … })')
  }
  if (schema?.isOpen) throw wrong('the schema of a table is closed: name the columns to read')
  const renamed = Object.entries(columns) as [string, string][]
  if (renamed.length > 0 && schema === undefined) {
    throw wrong('columns renames columns of a schema: give that, too')
  }
  for (const [name] of renamed) schema?.typeOf(name)
  return {
    schema: schema ?? null,
    columns: new Map(renamed),
    row: { ...(timestamp !== undefined && { timestamp }), ...(key !== undefined && { key }) },
    partitions: whole('partitions', options.partitions ?? 1, PARTITIONS_MAX),
    concurrency: whole('concurrency', options.concurrency ?? 4, 256),
    pageRows: whole('pageRows', options.pageRows ?? 1_000, 100_000),
    consistency: consistencyOf(options.consistency ?? 'localQuorum'),
    retryForMs: durationMs(options.retryFor ?? '5m', 'retryFor'),
  }
}

function whole(name: string, value: number, most: number): number {
  if (Number.isSafeInteger(value) && value >= 1 && value <= most) return value
  throw wrong(`${name} is a whole number from 1 to ${most}; got ${JSON.stringify(value)}`)
}
