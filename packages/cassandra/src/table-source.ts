/**
 * A table as a bounded source: the ring of tokens in pieces, each read by ranges in their order.
 *
 * Where a reader stands is a token and a count of rows (`source-reader.ts`), so it goes on after a
 * restart whatever the number of ranges is by then. What is written behind a reader meanwhile is
 * not seen; a table is read as it is at that time, not as of one moment.
 */
import {
  type Clock,
  MillraceError,
  recordsOf,
  type Source,
  type SourceContext,
} from '@millrace/core'
import { type Client, types } from 'cassandra-driver'
import type { Connection } from './connection.ts'
import { showTable, type TableName } from './cql-name.ts'
import { failureText } from './failure-kind.ts'
import { readTable, whatThereIs } from './live-table.ts'
import { type Page, RangePages } from './range-pages.ts'
import { Retries } from './retries.ts'
import type { SourceSettings } from './source-options.ts'
import { planSource, rangeCql, readSchema, rowReader, type SourcePlan } from './source-plan.ts'
import { type FoundRow, type RowPosition, TableReader } from './source-reader.ts'
import { missingError } from './table-problems.ts'
import { RING, splitRange, type TokenRange } from './token-range.ts'

/** Of a reader, for each question at once: so many that the last ones do not wait for one. */
const RANGES = 16
const PARTITIONER = 'org.apache.cassandra.dht.Murmur3Partitioner'

/** @throws SCHEMA_MISMATCH, SOURCE_FAILED, UNKNOWN_COLUMN, TYPE_MISMATCH */
export async function tableSource<Row>(
  connection: Connection,
  name: TableName,
  settings: SourceSettings,
): Promise<Source<Row>> {
  const plan = await planNow(connection, name, settings)
  const pieces = splitRange(RING, settings.partitions)
  return Object.freeze<Source<Row>>({
    name: `cassandra ${showTable(name)}`,
    schema: plan.schema as Source<Row>['schema'],
    isBounded: true,
    partitionCount: pieces.length,
    open: async (partition, position, context) => {
      const piece = pieces[partition] as TokenRange
      const from = startOf(position, piece, name)
      return openReader(connection, name, { settings, plan, piece, from, context })
    },
  })
}

async function planNow(
  connection: Connection,
  name: TableName,
  settings: SourceSettings,
): Promise<SourcePlan> {
  const client = connection.acquire()
  try {
    const table = await readTable(client, name)
    if (table === null) {
      const there = await whatThereIs(client, name)
      throw missingError(name, there, 'a source makes none.', 'SOURCE_FAILED')
    }
    const { rows } = await client.execute('SELECT partitioner FROM system.local')
    const partitioner = String(rows[0]?.partitioner)
    if (partitioner !== PARTITIONER) {
      throw failed(
        name,
        `tables are read by tokens of ${PARTITIONER}; the cluster has ${partitioner}`,
      )
    }
    return planSource(name, table, settings)
  } catch (error) {
    throw MillraceError.is(error) ? error : failed(name, failureText(error), error)
  } finally {
    await connection.release()
  }
}

interface ReaderParts {
  readonly settings: SourceSettings
  readonly plan: SourcePlan
  readonly piece: TokenRange
  readonly from: RowPosition
  readonly context: SourceContext | undefined
}

function openReader(
  connection: Connection,
  name: TableName,
  { settings, plan, piece, from, context }: ReaderParts,
): TableReader {
  const schema = readSchema(plan, settings, context)
  const client = connection.acquire()
  const after = from.rows === 0 ? from.token : from.token - 1n
  const ranges = splitRange({ after, to: piece.to }, RANGES * settings.concurrency)
  const ask = asker(client, name, {
    settings,
    cql: rangeCql(name, plan, schema),
    rowOf: rowReader(name, schema),
    clock: context?.clock,
  })
  return new TableReader(
    {
      pages: new RangePages(ranges, ask, settings.concurrency),
      recordOf: recordsOf(schema, 'row', settings.row),
      table: showTable(name),
      close: () => connection.release(),
    },
    from,
  )
}

interface AskerParts {
  readonly settings: SourceSettings
  readonly cql: string
  readonly rowOf: (found: types.Row) => FoundRow
  /** Missing: nothing is tried again. */
  readonly clock: Clock | undefined
}

function asker(
  client: Client,
  name: TableName,
  { settings, cql, rowOf, clock }: AskerParts,
): (range: TokenRange, pageState: string | null) => Promise<Page<FoundRow>> {
  const { consistency, pageRows, retryForMs } = settings
  const base = { prepare: true, consistency, isIdempotent: true, fetchSize: pageRows }
  const retries = new Retries({
    clock: clock ?? { now: () => 0, sleep: () => Promise.resolve() },
    retryForMs: clock === undefined ? 0 : retryForMs,
    warn: () => {},
    failed: error => failed(name, failureText(error), error),
  })
  return async ({ after, to }, pageState) => {
    const bounds = [after, to].map(token => types.Long.fromString(String(token)))
    const options = pageState === null ? base : { ...base, pageState }
    const result = await retries.until(() => client.execute(cql, bounds, options))
    return { rows: result.rows.map(rowOf), more: result.pageState ?? null }
  }
}

/** @throws FORMAT_UNKNOWN for a position that is none of this piece. */
function startOf(position: string | null, { after, to }: TokenRange, name: TableName): RowPosition {
  if (position === null) return { token: after, rows: 0 }
  const [, token, rows = '0'] = /^(-?\d{1,19})(?:\.(\d{1,15}))?$/.exec(position) ?? []
  if (token !== undefined) {
    const from = { token: BigInt(token), rows: Number(rows) }
    const isInside =
      from.token <= to && (from.token > after || (from.token === after && from.rows === 0))
    if (isInside) return from
  }
  throw new MillraceError(
    'FORMAT_UNKNOWN',
    `${showTable(name)}: ${JSON.stringify(position)} is no position of tokens from ${after} to ` +
      `${to}. It was written by another source, a newer version, or with other partitions.`,
  )
}

function failed(name: TableName, text: string, cause?: unknown): MillraceError {
  const message = `table ${showTable(name)} cannot be read: ${text}.`
  return new MillraceError('SOURCE_FAILED', message, cause === undefined ? {} : { cause })
}
