/**
 * What a user says about a table, and its checked form.
 *
 * Mistakes are thrown at the line of `table(…)`: unknown options, numbers out of range. What can be
 * judged only with the frame or the live table is in `table-plan.ts`.
 */
import { type Duration, durationMs } from '@millrace/core'
import { atLeast, checkNames, oneOf, wrong } from './option-checks.ts'
import {
  SENDING_OPTIONS,
  type SendingOptions,
  type SendingSettings,
  sendingOf,
} from './sending-options.ts'
import { type ColumnOf, type ValueSource, valueFrom, type WrittenValue } from './value-source.ts'

/**
 * Where the value of a column comes from. `add` and `remove` change a collection: members of a set,
 * entries of a map (its keys to remove), the end of a list; `prepend` its beginning.
 */
export type ColumnSource<Row> =
  | ValueSource<Row>
  | { readonly add: ValueSource<Row> }
  | { readonly remove: ValueSource<Row> }
  | { readonly prepend: ValueSource<Row> }

/** Nothing where the names are not known. */
type Known<Written> = string extends Written ? never : Written

export interface TableOptions<Row, Written extends string = string> extends SendingOptions {
  /**
   * The columns that are the primary key, in its order: of the frame, or of `columns`. Checked
   * against the table, and what a table is created with.
   */
  readonly key?: readonly (ColumnOf<Row> | Known<NoInfer<Written>>)[]
  /**
   * Columns of the table whose value has another name in the frame, or is computed; the rest goes
   * by name. A record for which a value cannot be computed goes to the policy of the step. What is
   * only read by expressions needs no column in the table.
   */
  readonly columns?: { readonly [Name in Written]: ColumnSource<Row> }
  /** Columns of the frame that are not written. */
  readonly skip?: readonly ColumnOf<Row>[]
  /**
   * `insert` (default) makes a row, also one of a key alone; `update` sets columns, and a row whose
   * columns are all null is no row. Both write over what is there.
   */
  readonly write?: 'insert' | 'update'
  /** A boolean column: where it is true the row is deleted. It is not written. */
  readonly deleteWhere?: ColumnOf<Row>
  /** What a tombstone does: delete the row of its key (default), or nothing. */
  readonly tombstones?: 'delete' | 'ignore'
  /**
   * Nulls leave what is in the table (`unset`, default), delete it (`null`), or are an error of the
   * record (`refuse`). A null in the primary key is always an error.
   */
  readonly nulls?: 'unset' | 'null' | 'refuse'
  /** How long a row lives: the same for all, or a column with seconds (null: as the table says). */
  readonly ttl?: Duration | { readonly column: ColumnOf<Row> }
  /**
   * The write time: event time in the order of the log (`event`, default), the clock of the sending
   * process (`client`), or a column (a timestamp, or an int64 of microseconds).
   */
  readonly writeTime?: 'event' | 'client' | { readonly column: ColumnOf<Row> }
  /** No event time counts for more than so much after the last commit. Default 1 h. */
  readonly writeTimeAhead?: Duration
  /** Write only rows that are not there, or that are: a lightweight transaction each. */
  readonly condition?: 'not exists' | 'exists'
  /**
   * A column of the table, `map<text, bigint>`, in which a row keeps how far each partition of the
   * input has changed it. A record that has changed the row already does not change it again, so
   * that what is appended to lists is there once. A lightweight transaction each; for
   * `write: 'update'`, of records of topics.
   */
  readonly fence?: string
  /** A row that the condition kept out is counted (default), or is an error of the record. */
  readonly notApplied?: 'count' | 'refuse'
  /** Create what is missing: the table, or the keyspace too with its replication. */
  readonly create?: boolean | { readonly replication: Readonly<Record<string, string | number>> }
  /** Add the columns of the frame that the table does not have. */
  readonly addColumns?: boolean
  /** Rows of one partition go together up to so many bytes. Default 32 KiB. */
  readonly batchBytesMax?: number
}

export interface TableSettings extends SendingSettings {
  readonly key: readonly string[] | null
  readonly columns: ReadonlyMap<string, { readonly op: ColumnOp; readonly from: string }>
  /** What is computed, by the names under which the sink is given it; of `columns`. */
  readonly computed: ReadonlyMap<string, WrittenValue>
  readonly skip: ReadonlySet<string>
  /** Columns of the frame that are for something else, and need none in the table. */
  readonly uses: readonly string[]
  readonly write: 'insert' | 'update'
  readonly deleteWhere: string | null
  readonly tombstones: 'delete' | 'ignore'
  readonly nulls: 'unset' | 'null' | 'refuse'
  readonly ttl: number | { readonly column: string } | null
  readonly writeTime: 'event' | 'client' | { readonly column: string }
  readonly writeTimeAheadMs: number
  readonly condition: 'not exists' | 'exists' | null
  readonly fence: string | null
  readonly notApplied: 'count' | 'refuse'
  readonly create: boolean
  readonly replication: Readonly<Record<string, string | number>> | null
  readonly addColumns: boolean
  readonly batchBytesMax: number
}

export type ColumnOp = 'set' | 'add' | 'remove' | 'prepend' | 'increment'

const OPTIONS: { readonly [K in keyof Required<TableOptions<object>>]: true } = {
  key: true,
  columns: true,
  skip: true,
  write: true,
  deleteWhere: true,
  tombstones: true,
  nulls: true,
  ttl: true,
  writeTime: true,
  writeTimeAhead: true,
  condition: true,
  fence: true,
  notApplied: true,
  create: true,
  addColumns: true,
  batchBytesMax: true,
  ...SENDING_OPTIONS,
}

const TTL_MAX_S = 630_720_000

/**
 * @param place in front of the names of what is computed, where there are several tables
 * @throws INVALID_ARGUMENT
 */
export function parseTableOptions(
  options: TableOptions<Record<string, unknown>>,
  place = '',
): TableSettings {
  checkNames('table', options, OPTIONS)
  const { create = false, writeTime = 'event' } = options
  const computed = new Map<string, WrittenValue>()
  return {
    key: options.key === undefined ? null : textList('key', options.key),
    columns: columnsOf(options.columns ?? {}, computed, place),
    computed,
    uses: [],
    skip: new Set(textList('skip', options.skip ?? [])),
    write: oneOf('write', options.write ?? 'insert', ['insert', 'update']),
    deleteWhere: options.deleteWhere ?? null,
    tombstones: oneOf('tombstones', options.tombstones ?? 'delete', ['delete', 'ignore']),
    nulls: oneOf('nulls', options.nulls ?? 'unset', ['unset', 'null', 'refuse']),
    ttl: ttlOf(options.ttl),
    writeTime:
      typeof writeTime === 'object'
        ? writeTime
        : oneOf('writeTime', writeTime, ['event', 'client']),
    writeTimeAheadMs: durationMs(options.writeTimeAhead ?? '1h', 'writeTimeAhead'),
    condition:
      options.condition === undefined
        ? null
        : oneOf('condition', options.condition, ['not exists', 'exists']),
    fence: options.fence === undefined ? null : nameOf('fence', options.fence),
    notApplied: oneOf('notApplied', options.notApplied ?? 'count', ['count', 'refuse']),
    create: create !== false,
    replication: typeof create === 'object' ? create.replication : null,
    addColumns: options.addColumns ?? false,
    ...sendingOf(options),
    batchBytesMax: atLeast('batchBytesMax', options.batchBytesMax ?? 32 * 1024, 1),
  }
}

function nameOf(option: string, name: unknown): string {
  if (typeof name === 'string' && name !== '') return name
  throw wrong(`${option} is the name of a column; got ${JSON.stringify(name)}`)
}

function columnsOf(
  columns: Readonly<Record<string, unknown>>,
  computed: Map<string, WrittenValue>,
  place: string,
): TableSettings['columns'] {
  const parsed = new Map<string, { op: ColumnOp; from: string }>()
  for (const [name, source] of Object.entries(columns)) {
    const plain = valueFrom(`${place}columns.${name}`, source, computed)
    if (plain !== null) {
      parsed.set(name, { op: 'set', from: plain })
      continue
    }
    const [entry, ...rest] = Object.entries(Object(source) as Record<string, unknown>)
    const [op, value] = entry ?? []
    const isKnown = op === 'add' || op === 'remove' || op === 'prepend'
    const from = valueFrom(`${place}columns.${name}`, value, computed)
    if (!isKnown || from === null || rest.length > 0) {
      throw wrong(
        `columns.${name} is a column of the frame or an expression over its columns, or ` +
          `{ add }, { remove } or { prepend } with one; got ${JSON.stringify(source)}`,
      )
    }
    parsed.set(name, { op, from })
  }
  return parsed
}

function ttlOf(ttl: TableOptions<Record<string, unknown>>['ttl']): TableSettings['ttl'] {
  if (ttl === undefined || typeof ttl === 'object') return ttl ?? null
  const seconds = Math.ceil(durationMs(ttl, 'ttl') / 1_000)
  if (seconds >= 1 && seconds <= TTL_MAX_S) return seconds
  throw wrong(`ttl is from 1 s to 20 years (${TTL_MAX_S} s); got ${JSON.stringify(ttl)}`)
}

function textList(name: string, value: readonly unknown[]): readonly string[] {
  const isList = Array.isArray(value) && value.every(each => typeof each === 'string')
  if (isList) return value as string[]
  throw wrong(`${name} is a list of columns of the frame; got ${JSON.stringify(value)}`)
}
