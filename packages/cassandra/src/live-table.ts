/**
 * A table as the server has it at this moment, read from `system_schema`.
 *
 * Asked directly and not through the driver's cache, so that a table that was changed a moment ago
 * is seen as it is. A table that is not there gives the names of those that are, for the error.
 */
import type { Client } from 'cassandra-driver'
import type { TableName } from './cql-name.ts'
import { type CqlType, parseCqlType, type UdtLookup } from './cql-type.ts'

export interface TableColumn {
  readonly name: string
  readonly type: CqlType
  readonly kind: 'partition_key' | 'clustering' | 'static' | 'regular'
}

export interface LiveTable {
  /** In the order of the primary key, then of their names. */
  readonly columns: readonly TableColumn[]
  readonly partitionKey: readonly string[]
  readonly clustering: readonly string[]
  readonly isCounter: boolean
}

export interface MissingTable {
  readonly keyspaces: readonly string[]
  /** Of the keyspace; empty when it is not there. */
  readonly tables: readonly string[]
}

const RANKS = { partition_key: 0, clustering: 1, static: 2, regular: 3 } as const

/** The table, or null. */
export async function readTable(client: Client, name: TableName): Promise<LiveTable | null> {
  const rows = await ask(
    client,
    'SELECT column_name, kind, position, type FROM system_schema.columns ' +
      'WHERE keyspace_name = ? AND table_name = ?',
    [name.keyspace, name.table],
  )
  if (rows.length === 0) return null
  const udts = await readUdts(client, name.keyspace)
  const sorted = rows
    .map(row => ({
      name: String(row.column_name),
      kind: row.kind as TableColumn['kind'],
      position: Number(row.position),
      type: parseCqlType(String(row.type), udts),
    }))
    .sort((a, b) => RANKS[a.kind] - RANKS[b.kind] || a.position - b.position || order(a, b))
  const columns = sorted.map(({ name: column, kind, type }) => ({ name: column, kind, type }))
  const named = (kind: TableColumn['kind']) =>
    columns.filter(column => column.kind === kind).map(column => column.name)
  return {
    columns,
    partitionKey: named('partition_key'),
    clustering: named('clustering'),
    isCounter: columns.some(({ type }) => type.kind === 'counter'),
  }
}

/** What there is instead of a table that is not there. */
export async function whatThereIs(client: Client, { keyspace }: TableName): Promise<MissingTable> {
  const keyspaces = await ask(client, 'SELECT keyspace_name FROM system_schema.keyspaces', [])
  const tables = await ask(
    client,
    'SELECT table_name FROM system_schema.tables WHERE keyspace_name = ?',
    [keyspace],
  )
  return {
    keyspaces: keyspaces.map(row => String(row.keyspace_name)),
    tables: tables.map(row => String(row.table_name)),
  }
}

async function readUdts(client: Client, keyspace: string): Promise<UdtLookup> {
  const rows = await ask(
    client,
    'SELECT type_name, field_names, field_types FROM system_schema.types WHERE keyspace_name = ?',
    [keyspace],
  )
  const udts = new Map(
    rows.map(row => {
      const types = row.field_types as readonly string[]
      const names = row.field_names as readonly string[]
      return [String(row.type_name), names.map((name, i) => ({ name, type: types[i] as string }))]
    }),
  )
  return name => udts.get(name)
}

async function ask(client: Client, query: string, parameters: readonly string[]) {
  const { rows } = await client.execute(query, [...parameters], {
    prepare: true,
    isIdempotent: true,
  })
  return rows
}

function order(a: { readonly name: string }, b: { readonly name: string }): number {
  return a.name < b.name ? -1 : 1
}
