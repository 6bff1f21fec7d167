/**
 * The face of the package: `cassandra(client).table('shop.totals', { key: […] })` is a sink,
 * `cassandra(client).lookup('shop.users', { schema, key: […] })` a table for lookups,
 * `await cassandra(client).source('shop.users')` a source.
 *
 * Only a source asks the server before the application runs. Tasks of one process share the client
 * and, per table, the bounds of what is on its way; the last task that ends closes what was opened
 * here. A client of the user is never closed.
 */
import type { LookupDefinition, SinkContext, SinkDefinition, Source } from '@millrace/core'
import type { Client, ClientOptions } from 'cassandra-driver'
import { Connection } from './connection.ts'
import { parseTableName, showTable, type TableName } from './cql-name.ts'
import { type LookupTableOptions, parseLookupOptions } from './lookup-options.ts'
import { parseSourceOptions, type TableSourceOptions } from './source-options.ts'
import { TableLookup } from './table-lookup.ts'
import { parseTableOptions, type TableOptions, type TableSettings } from './table-options.ts'
import { tableSource } from './table-source.ts'
import { TableWriter } from './table-writer.ts'
import { type TableAccess, TaskSink } from './task-sink.ts'

export class Cassandra {
  readonly #connection: Connection

  constructor(given: Client | ClientOptions) {
    this.#connection = new Connection(given)
  }

  /**
   * A sink that writes every record as a row of a table; a tombstone deletes the row of its key.
   *
   * Rows are visible when they are written, and written again after a crash, with the same effect:
   * each carries a write time in the order of its partition. Columns go by name. When the
   * application starts, everything about the table that does not fit is told at once.
   *
   * @param name `keyspace.table`; double quotes around parts with capitals: `shop."Totals"`.
   * @throws INVALID_ARGUMENT
   * @example
   * totals.sink(cassandra(client).table('shop.totals', { key: ['user_id', 'window_start'] }))
   */
  // biome-ignore lint/suspicious/noExplicitAny: a sink of any rows where the frame is not known.
  table<Row = any>(name: string, options: TableOptions<Row> = {}): SinkDefinition<Row> {
    const settings = parseTableOptions(options as TableOptions<Record<string, unknown>>)
    const access = new SharedTable(this.#connection, parseTableName(name), settings)
    return Object.freeze<SinkDefinition<Row>>({
      name: 'cassandra',
      create: () => new TaskSink(access),
    })
  }

  /**
   * A table that rows are looked up in, by its whole primary key; for `frame.lookup`. When the
   * application starts, everything about the table that does not fit is told at once.
   *
   * @param name `keyspace.table`, as for `table`.
   * @throws INVALID_ARGUMENT, UNKNOWN_COLUMN
   * @example
   * const User = schema({ id: t.string(), name: t.string() })
   * const users = cassandra(client).lookup('shop.users', { schema: User, key: ['id'] })
   * purchases.lookup(users, 'user_id', ['name'])
   */
  lookup<Found>(name: string, options: LookupTableOptions<Found>): LookupDefinition<Found> {
    const table = parseTableName(name)
    const settings = parseLookupOptions(options as never)
    const { schema, key } = settings
    return Object.freeze<LookupDefinition<Found>>({
      name: `cassandra ${showTable(table)}`,
      schema,
      key: key.map(column => ({ name: column, type: schema.typeOf(column) })),
      create: () => new TableLookup(this.#connection, table, settings),
    })
  }

  /**
   * A bounded source of the rows of a table, in the order of the tokens of their partition keys
   * and, within a partition, of its clustering. The table is read at once to know its columns, and
   * everything that does not fit `schema` is told.
   *
   * Each range of tokens is read as it is when its turn comes. Rows have no event time unless
   * `timestamp` says where it is. A value that the column cannot hold is an error of its record.
   *
   * @param name `keyspace.table`, as for `table`.
   * @throws INVALID_ARGUMENT, UNKNOWN_COLUMN, TYPE_MISMATCH, SCHEMA_MISMATCH, SOURCE_FAILED
   * @example
   * const users = await cassandra(client).source('shop.users', { timestamp: 'joined' })
   * app.dataframe(users)
   */
  source<Row = Record<string, unknown>>(
    name: string,
    options: TableSourceOptions<Row> = {},
  ): Promise<Source<Row>> {
    const table = parseTableName(name)
    return tableSource<Row>(this.#connection, table, parseSourceOptions(options as never))
  }
}

/**
 * Tables of a Cassandra cluster as sinks, as sources, and for lookups.
 * @param given a client of `cassandra-driver`, or the options that one is made with.
 */
export function cassandra(given: Client | ClientOptions): Cassandra {
  return new Cassandra(given)
}

/** One writer for all tasks that write the rows of one step. */
class SharedTable implements TableAccess {
  readonly #connection: Connection
  readonly #name: TableName
  readonly #settings: TableSettings
  readonly #writers = new Map<string, Promise<TableWriter>>()
  #users = 0

  constructor(connection: Connection, name: TableName, settings: TableSettings) {
    this.#connection = connection
    this.#name = name
    this.#settings = settings
  }

  async open(context: SinkContext): Promise<TableWriter> {
    const client = this.#connection.acquire()
    this.#users++
    try {
      return await this.#writer(client, context)
    } catch (error) {
      await this.close()
      throw error
    }
  }

  async close(): Promise<void> {
    if (--this.#users === 0) this.#writers.clear()
    await this.#connection.release()
  }

  /** A new one where the last one has failed: tasks that have it still are told by it. */
  async #writer(client: Client, context: SinkContext): Promise<TableWriter> {
    const id = `${context.step} ${context.schema}`
    const known = this.#writers.get(id)
    if (known !== undefined) {
      const writer = await known
      if (writer.failure === null) return writer
      if (this.#writers.get(id) === known) this.#writers.delete(id)
      return this.#writer(client, context)
    }
    const opening = TableWriter.open(client, this.#name, this.#settings, context)
    this.#writers.set(id, opening)
    opening.catch(() => this.#writers.delete(id))
    return opening
  }
}
