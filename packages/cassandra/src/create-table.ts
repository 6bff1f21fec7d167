/**
 * The CQL that makes a keyspace, a table, and columns that a table lacks.
 *
 * A table is made of the frame's schema: the first column of `key` is the partition key, the others
 * cluster. Types that CQL has no single answer for (JSON) are the user's to choose.
 */
import type { DataType } from '@millrace/core'
import { quoteName, showName, type TableName } from './cql-name.ts'
import { tableText } from './statement.ts'
import type { TableSettings } from './table-options.ts'
import { type Frame, sourceOf } from './table-plan.ts'
import { typeMadeFor } from './type-fit.ts'

export function createKeyspaceCql(
  { keyspace }: TableName,
  replication: Readonly<Record<string, string | number>>,
): string {
  const parts = Object.entries(replication).map(
    ([name, value]) => `${literal(name)}: ${literal(value)}`,
  )
  const name = quoteName(keyspace)
  return `CREATE KEYSPACE IF NOT EXISTS ${name} WITH replication = {${parts.join(', ')}}`
}

/** The statement, or why there is none. */
export function createTableCql(
  name: TableName,
  { schema, computed }: Pick<Frame, 'schema' | 'computed'>,
  settings: TableSettings,
): { readonly cql: string } | { readonly problem: string } {
  const { key } = settings
  if (key === null || key.length === 0) {
    return { problem: 'say key: [the columns of its primary key], so that it is known how' }
  }
  const renamed = new Map([...settings.columns].map(([column, { from }]) => [from, column]))
  const columnOf = (from: string) => renamed.get(from) ?? from
  const columns: string[] = []
  for (const { name: from, type } of schema.fields) {
    if (settings.skip.has(from) || isNoColumn(from, settings)) continue
    const isForeign = computed.has(from) && !settings.computed.has(from)
    const isReplaced = settings.columns.has(from) && !renamed.has(from)
    if (isForeign || isReplaced) continue
    const made = typeMadeFor(type)
    if (made === null) {
      const wanted = 'create the table by hand, with a type for it'
      return { problem: `column ${showName(from)} is ${type}: ${wanted}` }
    }
    columns.push(`${quoteName(columnOf(from))} ${made}`)
  }
  const keys = key.map(each => sourceOf(each, settings))
  const unknown = keys.find(from => !schema.has(from))
  if (unknown !== undefined) return { problem: `the type of ${showName(unknown)} is not known` }
  const primary = keys.map(from => quoteName(columnOf(from))).join(', ')
  const body = [...columns, `PRIMARY KEY (${primary})`].join(', ')
  return { cql: `CREATE TABLE IF NOT EXISTS ${tableText(name)} (${body})` }
}

/** Columns that the table does not have; null = one of them has no type of its own. */
export function addColumnsCql(
  name: TableName,
  missing: readonly { readonly name: string; readonly type: DataType }[],
): string[] | null {
  const added = missing.map(({ name: column, type }) => {
    const made = typeMadeFor(type)
    return made === null ? null : `${quoteName(column)} ${made}`
  })
  if (added.includes(null)) return null
  return added.map(column => `ALTER TABLE ${tableText(name)} ADD IF NOT EXISTS ${column}`)
}

function isNoColumn(name: string, { deleteWhere, ttl, writeTime }: TableSettings): boolean {
  if (deleteWhere === name) return true
  if (typeof ttl === 'object' && ttl?.column === name) return true
  return typeof writeTime === 'object' && writeTime.column === name
}

function literal(value: string | number): string {
  return typeof value === 'number' ? String(value) : `'${value.replaceAll("'", "''")}'`
}
