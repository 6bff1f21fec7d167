/**
 * The lazy frame a user holds. Every method is three moves: parse what was written, make a plan
 * node (which checks it), wrap it. Nothing is read or opened before `run`, `collect` or iteration;
 * frames never change, and one that is used twice is read once.
 */
import type { Row as AnyRow } from '../batch/row.ts'
import { MillraceError } from '../errors.ts'
import { coalesce } from '../expr/coalesce.ts'
import { columnsOf } from '../expr/columns.ts'
import type { Expression } from '../expr/expression.ts'
import type { Columns } from '../expr/facets.ts'
import type { Literal } from '../expr/literal.ts'
import type { LookupDefinition } from '../lookup/lookup.ts'
import { filterNode } from '../plan/filter.ts'
import { groupNode } from '../plan/group.ts'
import { headersNode } from '../plan/headers.ts'
import { keyNode } from '../plan/key.ts'
import { mapNode } from '../plan/map.ts'
import type { FrameNode } from '../plan/node.ts'
import { type ProjectedColumn, passed, projectNode } from '../plan/project.ts'
import { tapNode } from '../plan/tap.ts'
import { timestampNode } from '../plan/timestamp.ts'
import { toTopicNode } from '../plan/to-topic.ts'
import type { GroupColumn } from '../plan/window.ts'
import type { ErrorPolicy } from '../record/error-policy.ts'
import type { Header, Headers } from '../record/headers.ts'
import { Schema } from '../schema/schema.ts'
import { naturalKeySerde } from '../serde/key-serde.ts'
import type { ScalarSerde } from '../serde/scalar-serde.ts'
import { type ConsoleSinkOptions, consoleSink } from '../sink/console-sink.ts'
import type { SinkDefinition } from '../sink/sink.ts'
import type { StateDeclarations } from '../state/state-declaration.ts'
import type { TimeWindow } from '../window/window.ts'
import type { CollectOptions, FrameHost } from './frame-host.ts'
import { GroupedFrame, WindowedFrame, type WindowOptions } from './grouped-frame.ts'
import { headersOf } from './headers-of.ts'
import { type LookupOptions, lookupFrom } from './lookup-options.ts'
import { type ProcessOptions, processFrom } from './process-options.ts'
import type {
  Filled,
  Fits,
  LookupFields,
  NoOther,
  Projection,
  Renamed,
  Selected,
  Simplify,
  WithColumns,
  WithFound,
} from './row-types.ts'
import { sinkFrom } from './sink-from.ts'
import {
  columnNames,
  newNames,
  parseColumns,
  parseCondition,
  parseEntries,
  parseExpr,
  parseName,
  parsePolicy,
  predicateExpr,
  requireFunction,
  requireThat,
} from './step.ts'
import { Topic } from './topic.ts'

export interface StepOptions {
  /** What happens to a record that fails in this step. Default: that of the application. */
  readonly onError?: ErrorPolicy
}

type Condition<Row> = ((c: Columns<Row>) => Expression<boolean | null>) | Expression<boolean | null>

/**
 * `in out`: frames are compared by their rows alone, so that every frame is one of any rows; method
 * by method none would be.
 */
// biome-ignore lint/suspicious/noExplicitAny: a frame of any row, as in Array<any>.
export class StreamingDataFrame<in out Row = any> {
  /** Only for the type checker. */
  declare readonly row: Row
  readonly #host: FrameHost
  readonly #node: FrameNode

  /** @internal Frames come from `app.dataframe`. */
  constructor(host: FrameHost, node: FrameNode) {
    this.#host = host
    this.#node = node
  }

  /** The columns known so far; open when the data may hold more. */
  get schema(): Schema<Row> {
    return this.#node.schema
  }

  /**
   * Keeps the records for which a condition over columns is true; false and null drop the record.
   * Tombstones stay.
   *
   * @example
   * frame.where(c => c.amount.gt(50).and(c.note.isNull()))
   */
  where(condition: Condition<Row>, options: StepOptions = {}): StreamingDataFrame<Row> {
    const predicate = parseCondition(this.#node, condition, 'where')
    return this.#wrap(filterNode(this.#node, 'where', predicate, this.#policy(options)))
  }

  /**
   * Keeps the records for which a function of the row is truthy. The row is a plain object of its
   * own, or, where the function only names columns, a view of them.
   *
   * @example
   * frame.filter(row => row.note !== 'test')
   */
  filter(
    predicate: (row: Readonly<Row>) => boolean,
    options: StepOptions = {},
  ): StreamingDataFrame<Row> {
    const expr = predicateExpr(predicate as (row: AnyRow) => unknown, this.schema)
    return this.#wrap(filterNode(this.#node, 'filter', expr, this.#policy(options)))
  }

  /**
   * One row from each row, by a function. With `schema` the rows are checked and their columns
   * typed at run time; without one they are known to TypeScript only. Keys and timestamps stay.
   *
   * @example
   * frame.map(row => ({ ...row, total: row.amount * 1.2 }))
   */
  map<Next extends object>(
    apply: (row: Row) => Next,
    options: StepOptions & { readonly schema?: Schema<Next> } = {},
  ): StreamingDataFrame<Simplify<Next>> {
    requireFunction(apply, 'map', 'row => ({ ...row, total: row.amount * 2 })')
    return this.#mapped(false, apply as never, options)
  }

  /**
   * Any number of rows from each row, by a function that gives an array (or another iterable) of
   * rows.
   *
   * @example
   * frame.flatMap(row => row.text.split(' ').map(word => ({ word })))
   */
  flatMap<Next extends object>(
    apply: (row: Row) => Iterable<Next>,
    options: StepOptions & { readonly schema?: Schema<Next> } = {},
  ): StreamingDataFrame<Simplify<Next>> {
    requireFunction(apply, 'flatMap', 'row => [row]')
    return this.#mapped(true, apply as never, options)
  }

  /**
   * Only these columns: names, or new columns by name.
   *
   * @example
   * frame.select('user_id', 'amount')
   * frame.select(c => ({ user: c.user_id, total: c.amount.mul(1.2) }))
   */
  select<const C extends Projection>(
    columns: (c: Columns<Row>) => C,
    options?: StepOptions,
  ): StreamingDataFrame<Simplify<Selected<C>>>
  // Last, because its error is the one that TypeScript shows.
  select<K extends keyof Row & string>(...names: K[]): StreamingDataFrame<Simplify<Pick<Row, K>>>
  select(...args: unknown[]): unknown {
    const [first, second] = args
    const isCallback = typeof first === 'function'
    const columns = isCallback
      ? parseColumns(this.#node, first, 'select')
      : columnNames(args, 'select').map(name => this.#passed(name))
    const onError = this.#policy(isCallback ? ((second as StepOptions) ?? {}) : {})
    return this.#wrap(projectNode(this.#node, 'select', { columns, omit: null, onError }))
  }

  /**
   * All columns, and new or replaced ones. The expressions see the columns as they were before this
   * step.
   *
   * @example
   * frame.withColumns(c => ({ total: c.amount.mul(1.2) }))
   */
  withColumns<const C extends Projection>(
    columns: (c: Columns<Row>) => C,
    options: StepOptions = {},
  ): StreamingDataFrame<WithColumns<Row, C>> {
    return this.#projected('withColumns', parseColumns(this.#node, columns, 'withColumns'), options)
  }

  /** All columns but these. */
  drop<K extends keyof Row & string>(...names: K[]): StreamingDataFrame<Simplify<Omit<Row, K>>> {
    const left = columnNames(names, 'drop')
    for (const name of left) this.#node.schema.typeOf(name)
    const kept = this.#node.schema.names.filter(name => !left.includes(name))
    const columns = kept.map(name => this.#passed(name))
    const parts = { columns, omit: left, onError: this.#host.onError }
    return this.#wrap(projectNode(this.#node, 'drop', parts))
  }

  /**
   * Columns under new names: `{ old: 'new' }`.
   *
   * @example
   * frame.rename({ user_id: 'user' })
   */
  rename<const Names extends { readonly [K in keyof Row]?: string }>(
    names: Names & NoOther<Names, Row>,
  ): StreamingDataFrame<Renamed<Row, Names>> {
    const { schema } = this.#node
    const renamed = new Map(newNames(names))
    const moved = [...renamed].map(([old, name]) => ({ ...this.#passed(old), name }))
    const stay = schema.names.filter(name => !renamed.has(name)).map(name => this.#passed(name))
    const inPlace = schema.names.flatMap(name =>
      [...stay, ...moved].filter(({ expr }) => expr.kind === 'column' && expr.name === name),
    )
    const found = moved.filter(column => !inPlace.includes(column))
    const columns = [...inPlace, ...found]
    const parts = { columns, omit: [...renamed.keys()], onError: this.#host.onError }
    return this.#wrap(projectNode(this.#node, 'rename', parts))
  }

  /**
   * Values in the place of nulls, by column; the columns are not nullable afterwards.
   *
   * @example
   * frame.fillNull({ note: '', discount: 0 })
   */
  fillNull<const V extends { readonly [K in keyof Row]?: NonNullable<Row[K]> }>(
    values: V & NoOther<V, Row>,
  ): StreamingDataFrame<Filled<Row, V>> {
    const columns = columnsOf(this.#node.schema) as Record<string, Expression>
    const filled = parseEntries(values, 'fillNull', "{ note: '' }").map(([name, value]) => ({
      name,
      expr: coalesce(columns[name] as Expression, value as Literal).toExpr(this.#node.schema),
    }))
    return this.#projected('fillNull', filled, {})
  }

  /**
   * Adds columns of a table's row, by its key; null where there is no such row. Rows are asked for
   * batch by batch and kept for a while, so a change of the table is seen some time later, and a
   * record that is processed again may find another row. Where the table is one whose questions
   * change it, such as a conditional write, it is asked for each record, and nothing is kept.
   *
   * @example
   * frame.lookup(users, 'user_id', ['name', 'city'])
   * frame.lookup(users, 'user_id', { user_city: 'city' }, { keep: '5m' })
   */
  lookup<Found, const F extends LookupFields<Found>>(
    lookup: LookupDefinition<Found>,
    on: (keyof Row & string) | readonly (keyof Row & string)[],
    fields: F,
    options: LookupOptions = {},
  ): StreamingDataFrame<WithFound<Row, Found, F>> {
    const written = { lookup, on, fields }
    return this.#wrap(lookupFrom(this.#node, written, options, this.#policy(options)))
  }

  /** Shows each row to a function; the records go on unchanged. For logging and tests. */
  tap(apply: (row: Readonly<Row>) => void, options: StepOptions = {}): StreamingDataFrame<Row> {
    requireFunction(apply, 'tap', 'row => console.log(row)')
    return this.#wrap(tapNode(this.#node, apply as never, this.#policy(options)))
  }

  /**
   * Gives each record a new key: a column or an expression; null gives a null key. `serde` says how
   * it is written; by default as its type is written naturally (text as UTF-8).
   */
  withKey(
    key: (keyof Row & string) | ((c: Columns<Row>) => Expression),
    options: StepOptions & { readonly serde?: ScalarSerde } = {},
  ): StreamingDataFrame<Row> {
    const expr =
      typeof key === 'string' ? this.#passed(key).expr : parseExpr(this.#node, key, 'withKey')
    const serde = options.serde ?? naturalKeySerde(expr.type)
    return this.#wrap(keyNode(this.#node, { expr, serde, onError: this.#policy(options) }))
  }

  /**
   * Gives each record another timestamp, in epoch milliseconds. It is what outputs write; event
   * time of windows is an option of the topic.
   */
  withTimestamp(
    timestamp: (keyof Row & string) | ((c: Columns<Row>) => Expression<number | bigint | null>),
    options: StepOptions = {},
  ): StreamingDataFrame<Row> {
    const expr =
      typeof timestamp === 'string'
        ? this.#passed(timestamp).expr
        : parseExpr(this.#node, timestamp, 'withTimestamp')
    return this.#wrap(timestampNode(this.#node, expr, this.#policy(options)))
  }

  /**
   * Gives each record new headers, from its row and its headers so far: an object of name and text
   * or bytes, or a list of headers where names repeat.
   *
   * @example frame.withHeaders((row, headers) => [...headers, { name: 'tenant', value:
   * Buffer.from(row.tenant) }])
   */
  withHeaders(
    apply: (
      row: Readonly<Row>,
      headers: Headers,
    ) => readonly Header[] | Record<string, string | Uint8Array | null>,
    options: StepOptions = {},
  ): StreamingDataFrame<Row> {
    requireFunction(apply, 'withHeaders', "() => ({ source: 'shop' })")
    const edit = (row: AnyRow, headers: Headers): Headers => headersOf(apply(row as never, headers))
    return this.#wrap(headersNode(this.#node, edit, this.#policy(options)))
  }

  /**
   * Brings records with equal columns together. Null is a group of its own. Goes through an
   * internal topic, unless the record key already holds these columns.
   *
   * @example
   * frame.groupBy('origin').window(tumbling('1h')).agg(c => ({ flights: count() })).final()
   */
  groupBy<K extends keyof Row & string>(
    columns: K | readonly K[],
    options: StepOptions & { readonly name?: string } = {},
  ): GroupedFrame<Row, K> {
    const names = columnNames([columns], 'groupBy')
    const settings = { name: parseName(options.name, 'groupBy'), onError: this.#policy(options) }
    return new GroupedFrame(this.#host, groupNode(this.#node, names, settings))
  }

  /** Windows per record key; where the topic has a `keyColumn`, per value of that column. */
  window(window: TimeWindow, options: WindowOptions = {}): WindowedFrame<Row, never> {
    const groupColumns = this.#keyColumns('a window')
    return new WindowedFrame(this.#host, this.#node, { window, groupColumns, ...options })
  }

  /**
   * Functions with state and timers, per record key; where the topic has a `keyColumn`, per value
   * of that column. See `GroupedFrame.process`.
   */
  process<Out extends object, State extends StateDeclarations = Record<never, never>>(
    options: ProcessOptions<Row, Pick<Row, never>, State, Out>,
  ): StreamingDataFrame<Out> {
    const columns = this.#keyColumns('process')
    return this.#wrap(processFrom(this.#node, columns, options as never, this.#host.onError))
  }

  /**
   * Writes every record to a topic, when the application runs. Gives the frame back, so that it can
   * branch.
   * @throws SCHEMA_MISMATCH when the rows or keys do not fit the topic.
   */
  toTopic<Target>(topic: Topic<Target> & Fits<Row, Target>, options: StepOptions = {}): this {
    const rule = "toTopic needs a topic, for example app.topic('totals')"
    requireThat((topic as unknown) instanceof Topic, rule, topic)
    this.#host.attach(toTopicNode(this.#node, topic.definition, this.#policy(options)))
    return this
  }

  /**
   * Hands every record to a sink, when the application runs. `onError` says what happens to a
   * record that the sink refuses.
   * @throws SCHEMA_MISMATCH when the sink cannot take rows of this frame.
   */
  sink(sink: SinkDefinition<Row>, options: StepOptions = {}): this {
    const isSink = typeof sink?.create === 'function'
    requireThat(isSink, 'sink needs a sink, for example listSink()', sink)
    this.#host.attach(sinkFrom(this.#node, sink, this.#policy(options)))
    return this
  }

  /** Prints rows to the terminal; with `live` as one table that is redrawn in place. */
  print(options: ConsoleSinkOptions = {}): this {
    return this.sink(consoleSink(options))
  }

  /**
   * Reads the frame to its present end and gives the rows. Reads on its own: joins no group,
   * commits nothing, touches no state. Tombstones are left out.
   */
  collect(options: CollectOptions = {}): Promise<Row[]> {
    return this.#host.collect(this.#node, options) as Promise<Row[]>
  }

  /** As `collect`, but hands the rows to a sink, batch by batch. */
  collectInto(sink: SinkDefinition, options: CollectOptions = {}): Promise<void> {
    return this.#host.collectInto(this.#node, sink, options)
  }

  /**
   * Reads the frame on its own, row by row, for as long as it is asked: `for await (const row of
   * frame)`.
   */
  [Symbol.asyncIterator](): AsyncGenerator<Row> {
    return this.#host.iterate(this.#node) as AsyncGenerator<Row>
  }

  /** The plan of this frame as it would run, as text. */
  explain(): string {
    return this.#host.explain(this.#node)
  }

  #wrap<Next>(node: FrameNode): StreamingDataFrame<Next> {
    return this.#host.frame<Next>(node)
  }

  #policy(options: StepOptions): ErrorPolicy {
    return parsePolicy(options.onError, this.#host.onError)
  }

  /** The columns that the record key holds; none = its bytes. */
  #keyColumns(step: string): GroupColumn[] {
    const { key, schema } = this.#node
    if (key.isPartitioned) {
      return (key.columns ?? []).map(name => ({ name, type: schema.typeOf(name) }))
    }
    throw new MillraceError(
      'INVALID_PLAN',
      `${step} without groupBy needs records that are partitioned by their key, and this ` +
        'frame changed the key or is no topic. Group by a column: groupBy(…).',
      { step: this.#node.step },
    )
  }

  #passed(name: string): ProjectedColumn {
    return passed(name, this.#node.schema.typeOf(name))
  }

  #mapped<Next>(
    expands: boolean,
    apply: (row: AnyRow) => unknown,
    options: StepOptions & { readonly schema?: Schema },
  ): StreamingDataFrame<Next> {
    const { schema = null } = options
    const name = expands ? 'flatMap' : 'map'
    const isSchema = schema === null || schema instanceof Schema
    requireThat(isSchema, `${name} needs a schema made by schema({ … })`, schema)
    const onError = this.#policy(options)
    return this.#wrap(mapNode(this.#node, { expands, apply, schema, onError }))
  }

  /** All columns, with some of them new or replaced in place. */
  #projected<Next>(
    name: 'withColumns' | 'fillNull',
    changed: readonly ProjectedColumn[],
    options: StepOptions,
  ): StreamingDataFrame<Next> {
    const replaced = new Map(changed.map(column => [column.name, column]))
    const { schema } = this.#node
    const old = schema.names.map(column => replaced.get(column) ?? this.#passed(column))
    const added = changed.filter(column => !schema.has(column.name))
    const parts = { columns: [...old, ...added], omit: [], onError: this.#policy(options) }
    return this.#wrap(projectNode(this.#node, name, parts))
  }
}
