/**
 * What a user says about a query that records are written with, and its checked form.
 *
 * Mistakes are thrown at the line of `query(…)`. What can be judged only with the frame or the
 * server is in `query-plan.ts`.
 */
import { type Duration, durationMs } from '@millrace/core'
import type { ConcurrencyBounds } from './concurrency.ts'
import {
  atLeast,
  boundsOf,
  type ConsistencyName,
  checkNames,
  consistencyOf,
  oneOf,
  wrong,
} from './option-checks.ts'
import { type ValueSource, valueFrom, type WrittenValue } from './value-source.ts'

export interface QuerySinkOptions<Row, Parameter extends string = string> {
  /**
   * Parameters whose value has another name in the frame, or is computed; the rest goes by name. A
   * record for which a value cannot be computed goes to the policy of the step.
   */
  readonly params?: { readonly [Name in Parameter]: ValueSource<Row> }
  /**
   * The parameter that is given the write time of the record: event time in the order of the log,
   * in µs, for `USING TIMESTAMP :time`. Default: none, the time is what the query says, else the
   * clock of the sending process.
   */
  readonly writeTime?: string
  /** No event time counts for more than so much after the last commit. Default 1 h. */
  readonly writeTimeAhead?: Duration
  /**
   * A tombstone has no values to bind: it is an error of the record (`refuse`, default), or left
   * out.
   */
  readonly tombstones?: 'refuse' | 'ignore'
  /**
   * Nulls leave what is in the table (`unset`, default), delete it (`null`), or are an error of the
   * record (`refuse`). A null in the partition key is always an error.
   */
  readonly nulls?: 'unset' | 'null' | 'refuse'
  /** A record that the query's IF kept out is counted (default), or is an error of the record. */
  readonly notApplied?: 'count' | 'refuse'
  /** Default `localQuorum`. */
  readonly consistency?: ConsistencyName
  /** Requests at once; adapts between these. Default 1 to 256. */
  readonly concurrency?: { readonly min?: number; readonly max?: number }
  /** Rows that wait for the server; then nothing more is read. Default 16 MiB. */
  readonly bufferBytesMax?: number
  /** Rows per second, of all tasks of the process. Default: no limit. */
  readonly rateMax?: number
  /** How long what may go through later is tried again; then the run stops. Default 5 min. */
  readonly retryFor?: Duration
}

export interface QuerySettings {
  /** The column of the frame, by the name of the parameter. */
  readonly params: ReadonlyMap<string, string>
  readonly computed: ReadonlyMap<string, WrittenValue>
  readonly writeTime: string | null
  readonly writeTimeAheadMs: number
  readonly tombstones: 'refuse' | 'ignore'
  readonly nulls: 'unset' | 'null' | 'refuse'
  readonly notApplied: 'count' | 'refuse'
  readonly consistency: number
  readonly concurrency: ConcurrencyBounds
  readonly bufferBytesMax: number
  readonly rateMax: number
  readonly retryForMs: number
}

const OPTIONS: { readonly [K in keyof Required<QuerySinkOptions<object>>]: true } = {
  params: true,
  writeTime: true,
  writeTimeAhead: true,
  tombstones: true,
  nulls: true,
  notApplied: true,
  consistency: true,
  concurrency: true,
  bufferBytesMax: true,
  rateMax: true,
  retryFor: true,
}

/** @throws INVALID_ARGUMENT */
export function parseQueryOptions(
  options: QuerySinkOptions<Record<string, unknown>>,
): QuerySettings {
  checkNames('query', options, OPTIONS)
  const computed = new Map<string, WrittenValue>()
  return {
    params: paramsOf(options.params ?? {}, computed),
    computed,
    writeTime: options.writeTime ?? null,
    writeTimeAheadMs: durationMs(options.writeTimeAhead ?? '1h', 'writeTimeAhead'),
    tombstones: oneOf('tombstones', options.tombstones ?? 'refuse', ['refuse', 'ignore']),
    nulls: oneOf('nulls', options.nulls ?? 'unset', ['unset', 'null', 'refuse']),
    notApplied: oneOf('notApplied', options.notApplied ?? 'count', ['count', 'refuse']),
    consistency: consistencyOf(options.consistency ?? 'localQuorum'),
    concurrency: boundsOf(options.concurrency ?? {}),
    bufferBytesMax: atLeast('bufferBytesMax', options.bufferBytesMax ?? 16 * 1024 * 1024, 1),
    rateMax:
      options.rateMax === undefined
        ? Number.POSITIVE_INFINITY
        : atLeast('rateMax', options.rateMax, 1),
    retryForMs: durationMs(options.retryFor ?? '5m', 'retryFor'),
  }
}

function paramsOf(
  params: Readonly<Record<string, unknown>>,
  computed: Map<string, WrittenValue>,
): QuerySettings['params'] {
  const parsed = new Map<string, string>()
  for (const [name, source] of Object.entries(params)) {
    const from = valueFrom(`params.${name}`, source, computed)
    if (from === null) {
      throw wrong(
        `params.${name} is a column of the frame or an expression over its columns; got ` +
          `${JSON.stringify(source)}`,
      )
    }
    parsed.set(name, from)
  }
  return parsed
}
