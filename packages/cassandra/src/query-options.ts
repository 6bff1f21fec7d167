/**
 * What a user says about a query that records are written with, and its checked form.
 *
 * Mistakes are thrown at the line of `query(…)`. What can be judged only with the frame or the
 * server is in `query-plan.ts`.
 */
import { type Duration, durationMs } from '@millrace/core'
import { checkNames, oneOf, wrong } from './option-checks.ts'
import {
  SENDING_OPTIONS,
  type SendingOptions,
  type SendingSettings,
  sendingOf,
} from './sending-options.ts'
import { type ValueSource, valueFrom, type WrittenValue } from './value-source.ts'

export interface QuerySinkOptions<Row, Parameter extends string = string> extends SendingOptions {
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
}

export interface QuerySettings extends SendingSettings {
  /** The column of the frame, by the name of the parameter. */
  readonly params: ReadonlyMap<string, string>
  readonly computed: ReadonlyMap<string, WrittenValue>
  readonly writeTime: string | null
  readonly writeTimeAheadMs: number
  readonly tombstones: 'refuse' | 'ignore'
  readonly nulls: 'unset' | 'null' | 'refuse'
  readonly notApplied: 'count' | 'refuse'
}

const OPTIONS: { readonly [K in keyof Required<QuerySinkOptions<object>>]: true } = {
  params: true,
  writeTime: true,
  writeTimeAhead: true,
  tombstones: true,
  nulls: true,
  notApplied: true,
  ...SENDING_OPTIONS,
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
    ...sendingOf(options),
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
