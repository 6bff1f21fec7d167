/**
 * The face of the package: `cassandra(client).table('shop.totals', { key: […] })` is a sink, as are
 * `tables({ … })` and `query('UPDATE …')`; `lookup('shop.users', { schema, key: […] })` is a table
 * for lookups, `conditional('shop.seats', { schema, condition: … })` a write with an outcome, and
 * `await cassandra(client).source('shop.users')` a source.
 *
 * Only a source asks the server before the application runs. Tasks of one process share the client
 * and, per table, the bounds of what is on its way; the last task that ends closes what was opened
 * here. A client of the user is never closed.
 */
import type { LookupDefinition, Schema, SinkDefinition, Source } from '@millrace/core'
import type { Client, ClientOptions } from 'cassandra-driver'
import { tableChooser } from './choose-table.ts'
import { type ConditionalOptions, type Outcome, parseConditional } from './conditional-options.ts'
import { ConditionalWrite } from './conditional-write.ts'
import { Connection } from './connection.ts'
import { parseTableName, showTable } from './cql-name.ts'
import { type LookupTableOptions, parseLookupOptions } from './lookup-options.ts'
import { openWriters } from './open-writers.ts'
import { parseQueryOptions, type QuerySinkOptions } from './query-options.ts'
import { checkQuery } from './query-text.ts'
import { QueryWriter } from './query-writer.ts'
import { type OpenTargets, SharedTargets } from './shared-targets.ts'
import { parseSourceOptions, type TableSourceOptions } from './source-options.ts'
import { TableLookup } from './table-lookup.ts'
import { parseTableOptions, type TableOptions } from './table-options.ts'
import { tableSource } from './table-source.ts'
import { checkChoice, parseTables, type TableEntry, type TablesOptions } from './tables-options.ts'
import { TaskSink } from './task-sink.ts'
import { computing, type WrittenValue } from './value-source.ts'

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
  table<Row = any, Written extends string = string>(
    name: string,
    options: TableOptions<Row, Written> = {},
  ): SinkDefinition<Row> {
    const settings = parseTableOptions(options as unknown as TableOptions<Record<string, unknown>>)
    const table = parseTableName(name)
    return this.#sink(settings.computed, async (client, context) => ({
      targets: await openWriters(client, [{ name: table, settings }], context),
      chooser: null,
    }))
  }

  /**
   * A sink that writes every record to several tables, or to the one of them that it chooses.
   *
   * All tables are checked when the application starts, and everything that does not fit is told at
   * once. A column of the frame goes to each table that has it; one that no table has is an error.
   * A tombstone deletes the row of its key in all tables. Tables are not written together: a record
   * may be seen in one of them before it is in another.
   *
   * @param tables by names of your own, each with its options as for `table`.
   * @throws INVALID_ARGUMENT
   * @example
   * events.sink(
   *   cassandra(client).tables(
   *     { order: { table: 'shop.orders' }, refund: { table: 'shop.refunds' } },
   *     { choose: 'kind' },
   *   ),
   * )
   */
  // biome-ignore lint/suspicious/noExplicitAny: a sink of any rows where the frame is not known.
  tables<Row = any>(
    tables: Readonly<Record<string, TableEntry<Row>>>,
    options: TablesOptions<Row> = {},
  ): SinkDefinition<Row> {
    const settings = parseTables(tables as never, options as never)
    const { choose, names } = settings
    const sink = this.#sink<Row>(settings.computed, async (client, context) => ({
      targets: await openWriters(client, settings.tables, context),
      chooser: choose === null ? null : tableChooser(choose, names),
    }))
    return Object.freeze({ ...sink, check: (schema: Schema) => checkChoice(settings, schema) })
  }

  /**
   * A sink that executes a statement of yours for every record, with parameters that have names:
   * `UPDATE shop.totals SET n = :n WHERE id = :id`. It is prepared, and values are bound by name
   * with the types that the server says, never made part of its text. What does not fit is told at
   * once when the application starts.
   *
   * At least once: after a crash, or an answer that never came, it is executed again. What ends
   * elsewhere when it is executed twice (`n = n + :n`) is not exact.
   *
   * @throws INVALID_ARGUMENT
   * @example
   * totals.sink(cassandra(client).query('UPDATE shop.totals SET n = :n WHERE id = :user_id'))
   */
  // biome-ignore lint/suspicious/noExplicitAny: a sink of any rows where the frame is not known.
  query<Row = any, Parameter extends string = string>(
    cql: string,
    options: QuerySinkOptions<Row, Parameter> = {},
  ): SinkDefinition<Row> {
    checkQuery(cql)
    const settings = parseQueryOptions(
      options as unknown as QuerySinkOptions<Record<string, unknown>>,
    )
    return this.#sink(settings.computed, async (client, context) => ({
      targets: [await QueryWriter.open(client, cql, settings, context)],
      chooser: null,
    }))
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

  /**
   * A write of a row for each record, under a condition, whose outcome is a column; for
   * `frame.lookup`, by all columns of its schema, in their order. `applied` is true where the row
   * was written; the other columns are the row that is there then.
   *
   * A row that was there already with the very values of the record counts as its own, so a record
   * that comes again after a crash has the outcome that it had. Have something in the row that
   * tells records apart. A lightweight transaction each.
   *
   * @param name `keyspace.table`, as for `table`.
   * @throws INVALID_ARGUMENT, UNKNOWN_COLUMN, DUPLICATE_COLUMN
   * @example
   * const Seat = schema({ seat: t.string(), holder: t.string() })
   * const seats = cassandra(client).conditional('hall.seats', {
   *   schema: Seat,
   *   condition: 'not exists',
   * })
   * bookings.lookup(seats, ['seat', 'user_id'], { got_it: 'applied', holder: 'holder' })
   */
  conditional<Written>(
    name: string,
    options: ConditionalOptions<Written>,
  ): LookupDefinition<Outcome<Written>> {
    const table = parseTableName(name)
    const settings = parseConditional(options as never)
    const { written, found } = settings
    return Object.freeze<LookupDefinition<Outcome<Written>>>({
      name: `cassandra ${showTable(table)}`,
      schema: found as Schema<Outcome<Written>>,
      key: written.fields.map(({ name: column, type }) => ({ name: column, type })),
      perRecord: true,
      create: () => new ConditionalWrite(this.#connection, table, settings),
    })
  }

  #sink<Row>(computed: ReadonlyMap<string, WrittenValue>, open: OpenTargets): SinkDefinition<Row> {
    const access = new SharedTargets(this.#connection, open)
    return Object.freeze<SinkDefinition<Row>>({
      name: 'cassandra',
      ...computing(computed),
      create: () => new TaskSink(access),
    })
  }
}

/**
 * Tables of a Cassandra cluster as sinks, as sources, and for lookups.
 * @param given a client of `cassandra-driver`, or the options that one is made with.
 */
export function cassandra(given: Client | ClientOptions): Cassandra {
  return new Cassandra(given)
}
