/**
 * A query that is open for writing, shared by the tasks of a process: its plan and one dispatcher.
 *
 * A record is a request of its own: in a batch all statements have one write time, so two of a row
 * would lose their order. Those of one partition key go one after the other, unless they carry a
 * write time of the log.
 */
import { type Batch, type Clock, MillraceError, type SinkContext } from '@millrace/core'
import type { Client, QueryOptions } from 'cassandra-driver'
import { showTable, type TableName } from './cql-name.ts'
import { cqlText } from './cql-type.ts'
import { Dispatcher } from './dispatcher.ts'
import { failureText } from './failure-kind.ts'
import { readTable } from './live-table.ts'
import type { OutRow, RowOwner } from './out-row.ts'
import { type Prepared, prepare } from './prepared.ts'
import type { QuerySettings } from './query-options.ts'
import { planQuery, type QueryPlan } from './query-plan.ts'
import { showQuery } from './query-text.ts'
import { Retries } from './retries.ts'
import { rowBinder } from './row-binder.ts'
import type { RowMaker, RowTarget } from './row-target.ts'
import { Slab } from './slab.ts'
import { misfitError } from './table-problems.ts'

export class QueryWriter implements RowTarget {
  readonly dispatcher: Dispatcher
  readonly #plan: QueryPlan
  readonly #settings: QuerySettings
  readonly #slab = new Slab()

  private constructor(client: Client, plan: QueryPlan, settings: QuerySettings, parts: Parts) {
    this.#plan = plan
    this.#settings = settings
    const isTimed = plan.statement.parameters.some(({ kind }) => kind === 'time')
    this.dispatcher = new Dispatcher({
      ...parts,
      send: sender(client, settings),
      concurrency: settings.concurrency,
      rateMax: settings.rateMax,
      batchBytesMax: 1,
      batchRowsMax: 1,
      bufferBytesMax: settings.bufferBytesMax,
      retryForMs: settings.retryForMs,
      isOrdered: !isTimed,
      nodesOf: () => null,
    })
  }

  /** @throws SCHEMA_MISMATCH, SINK_FAILED */
  static async open(
    client: Client,
    cql: string,
    settings: QuerySettings,
    context: SinkContext,
  ): Promise<QueryWriter> {
    const { clock, warn } = context
    const failed = (error: unknown): MillraceError => {
      const text = `the query ${showQuery(cql)} cannot be prepared: ${failureText(error)}.`
      return new MillraceError('SINK_FAILED', text, { cause: error })
    }
    const retries = new Retries({ clock, warn, failed, retryForMs: settings.retryForMs })
    const prepared = await retries.until(() => prepare(client, cql))
    const { plan, problems } = planQuery(cql, prepared, settings, context)
    if (problems.length > 0) throw misfitError(`the query ${showQuery(cql)}`, problems)
    const before = await retries.until(() => columnsOf(client, prepared))
    const explain = async (): Promise<void> => {
      // A table may have been changed meanwhile: then it is no record that is bad.
      const now = await retries.until(() => columnsOf(client, prepared))
      const changes = [...before].filter(([column, type]) => now.get(column) !== type)
      if (changes.length === 0) return
      throw misfitError(
        `the query ${showQuery(cql)}`,
        changes.map(([column, type]) => {
          const what = now.get(column)
          return `${column} was ${type} when the run began, and is ${what ?? 'not there'} now`
        }),
      )
    }
    return new QueryWriter(client, plan, settings, { clock, warn, explain })
  }

  get failure(): MillraceError | null {
    return this.dispatcher.failure
  }

  get writeTimeAheadMs(): number {
    return this.#settings.writeTimeAheadMs
  }

  get refusesNotApplied(): boolean {
    return this.#settings.notApplied === 'refuse'
  }

  rowMaker(batch: Batch, owner: RowOwner): RowMaker {
    const { statement, partitionKey } = this.#plan
    const { nulls, tombstones } = this.#settings
    const settings = { nulls, ttl: null }
    const bind = rowBinder({ batch, statement, partitionKey, settings, slab: this.#slab, owner })
    return (index, time) => {
      if (!batch.isTombstone(index)) {
        return bind(index, time)
      }
      if (tombstones === 'ignore') return null
      throw new MillraceError(
        'SINK_FAILED',
        "a tombstone has no values for the parameters of a query. Say tombstones: 'ignore', or " +
          'delete rows of a table.',
      )
    }
  }
}

interface Parts {
  readonly clock: Clock
  readonly warn: (text: string) => void
  readonly explain: () => Promise<void>
}

function sender(
  client: Client,
  { consistency }: QuerySettings,
): (rows: readonly OutRow[]) => Promise<boolean> {
  // Nobody knows whether it may be sent twice: tried again by us alone.
  const options: QueryOptions = { prepare: true, consistency, isIdempotent: false }
  return async ([row]) => {
    const { query, params } = row as OutRow
    const result = await client.execute(query, params as Buffer[], options)
    return result.wasApplied()
  }
}

/** The columns of the tables that a query has parameters for, with their types. */
async function columnsOf(client: Client, { tables }: Prepared): Promise<Map<string, string>> {
  const columns = new Map<string, string>()
  for (const name of tables) {
    const table = await readTable(client, name)
    for (const column of table?.columns ?? []) {
      columns.set(columnText(name, column.name), cqlText(column.type))
    }
  }
  return columns
}

function columnText(table: TableName, column: string): string {
  return `column ${column} of ${showTable(table)}`
}
