/**
 * What a user says about a table, and its checked form.
 *
 * Mistakes are thrown at the line of `table(…)`: unknown options, numbers out of range. What can be
 * judged only with the frame or the live table is in `table-plan.ts`.
 */
import { type Duration, didYouMean, durationMs, MillraceError } from '@millrace/core'
import { types } from 'cassandra-driver'
import type { ConcurrencyBounds } from './concurrency.ts'

/** A column of the frame; the compiler knows them where the sink is given to a frame. */
export type ColumnOf<Row> = string extends keyof NoInfer<Row> ? string : keyof NoInfer<Row> & string

/**
 * Where the value of a column comes from. `add` and `remove` change a collection: members of a set,
 * entries of a map (its keys to remove), the end of a list; `prepend` its beginning.
 */
export type ColumnSource<Row> =
  | ColumnOf<Row>
  | { readonly add: ColumnOf<Row> }
  | { readonly remove: ColumnOf<Row> }
  | { readonly prepend: ColumnOf<Row> }

export type ConsistencyName =
  | 'any'
  | 'one'
  | 'two'
  | 'three'
  | 'quorum'
  | 'all'
  | 'localQuorum'
  | 'eachQuorum'
  | 'localOne'

export interface TableOptions<Row> {
  /**
   * The columns of the frame that are the primary key, in its order. Checked against the table, and
   * what a table is created with.
   */
  readonly key?: readonly ColumnOf<Row>[]
  /** Columns of the table whose value has another name in the frame; the rest goes by name. */
  readonly columns?: Readonly<Record<string, ColumnSource<Row>>>
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
  /** Default `localQuorum`. */
  readonly consistency?: ConsistencyName
  /** Requests at once; adapts between these. Default 1 to 256. */
  readonly concurrency?: { readonly min?: number; readonly max?: number }
  /** Rows of one partition go together up to so many bytes. Default 32 KiB. */
  readonly batchBytesMax?: number
  /** Rows that wait for the server; then nothing more is read. Default 16 MiB. */
  readonly bufferBytesMax?: number
  /** Rows per second, of all tasks of the process. Default: no limit. */
  readonly rateMax?: number
  /** How long what may go through later is tried again; then the run stops. Default 5 min. */
  readonly retryFor?: Duration
}

export interface TableSettings {
  readonly key: readonly string[] | null
  readonly columns: ReadonlyMap<string, { readonly op: ColumnOp; readonly from: string }>
  readonly skip: ReadonlySet<string>
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
  readonly consistency: number
  readonly concurrency: ConcurrencyBounds
  readonly batchBytesMax: number
  readonly bufferBytesMax: number
  readonly rateMax: number
  readonly retryForMs: number
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
  consistency: true,
  concurrency: true,
  batchBytesMax: true,
  bufferBytesMax: true,
  rateMax: true,
  retryFor: true,
}

const TTL_MAX_S = 630_720_000

/** @throws INVALID_ARGUMENT */
export function parseTableOptions(options: TableOptions<Record<string, unknown>>): TableSettings {
  for (const name of Object.keys(options)) {
    if (Object.hasOwn(OPTIONS, name)) continue
    throw wrong(
      `table has no option ${JSON.stringify(name)}.${didYouMean(name, Object.keys(OPTIONS))}`,
    )
  }
  const { concurrency = {}, create = false, writeTime = 'event' } = options
  return {
    key: options.key === undefined ? null : textList('key', options.key),
    columns: columnsOf(options.columns ?? {}),
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
    consistency: consistencyOf(options.consistency ?? 'localQuorum'),
    concurrency: boundsOf(concurrency),
    batchBytesMax: atLeast('batchBytesMax', options.batchBytesMax ?? 32 * 1024, 1),
    bufferBytesMax: atLeast('bufferBytesMax', options.bufferBytesMax ?? 16 * 1024 * 1024, 1),
    rateMax:
      options.rateMax === undefined
        ? Number.POSITIVE_INFINITY
        : atLeast('rateMax', options.rateMax, 1),
    retryForMs: durationMs(options.retryFor ?? '5m', 'retryFor'),
  }
}

function nameOf(option: string, name: unknown): string {
  if (typeof name === 'string' && name !== '') return name
  throw wrong(`${option} is the name of a column; got ${JSON.stringify(name)}`)
}

function columnsOf(columns: Readonly<Record<string, unknown>>): TableSettings['columns'] {
  const parsed = new Map<string, { op: ColumnOp; from: string }>()
  for (const [name, source] of Object.entries(columns)) {
    if (typeof source === 'string') {
      parsed.set(name, { op: 'set', from: source })
      continue
    }
    const [entry, ...rest] = Object.entries(Object(source) as Record<string, unknown>)
    const [op, from] = entry ?? []
    const isKnown = op === 'add' || op === 'remove' || op === 'prepend'
    if (!isKnown || typeof from !== 'string' || rest.length > 0) {
      throw wrong(
        `columns.${name} is a column of the frame, or { add }, { remove } or { prepend } with ` +
          `one; got ${JSON.stringify(source)}`,
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

function boundsOf({ min = 1, max = 256 }: { min?: number; max?: number }): ConcurrencyBounds {
  atLeast('concurrency.min', min, 1)
  return { min, max: atLeast('concurrency.max', Math.max(max, 1), min) }
}

export function consistencyOf(name: string): number {
  const code = (types.consistencies as unknown as Record<string, number>)[name]
  const isForWrites = code !== undefined && !name.toLowerCase().includes('serial')
  if (isForWrites) return code
  throw wrong(`consistency is one, quorum, localQuorum, all, …; got ${JSON.stringify(name)}`)
}

function oneOf<const T extends string>(name: string, value: string, values: readonly T[]): T {
  if ((values as readonly string[]).includes(value)) return value as T
  throw wrong(`${name} is one of ${values.join(', ')}; got ${JSON.stringify(value)}`)
}

function textList(name: string, value: readonly unknown[]): readonly string[] {
  const isList = Array.isArray(value) && value.every(each => typeof each === 'string')
  if (isList) return value as string[]
  throw wrong(`${name} is a list of columns of the frame; got ${JSON.stringify(value)}`)
}

function atLeast(name: string, value: number, least: number): number {
  if (Number.isSafeInteger(value) && value >= least) return value
  throw wrong(`${name} is a whole number from ${least} on; got ${JSON.stringify(value)}`)
}

function wrong(text: string): MillraceError {
  return new MillraceError('INVALID_ARGUMENT', `${text}.`)
}
