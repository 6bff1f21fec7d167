import { MillraceError } from '@millrace/core'

export interface TableName {
  readonly keyspace: string
  readonly table: string
}

/** A name as CQL text, whatever is in it. */
export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/** A name as a user would write it: with quotes only where CQL needs them. */
export function showName(name: string): string {
  return /^[a-z][a-z0-9_]*$/.test(name) ? name : quoteName(name)
}

export function showTable({ keyspace, table }: TableName): string {
  return `${showName(keyspace)}.${showName(table)}`
}

const PART = /(?:"((?:[^"]|"")+)"|([A-Za-z]\w*))/y

/**
 * `shop.totals`, `shop."Daily Totals"`: as in CQL, names without quotes are lower case.
 * @throws INVALID_ARGUMENT
 */
export function parseTableName(text: string): TableName {
  const parts: string[] = []
  PART.lastIndex = 0
  for (;;) {
    const at = PART.lastIndex
    const match = PART.exec(text)
    if (match === null) throw badName(text)
    parts.push(match[1]?.replaceAll('""', '"') ?? (match[2] as string).toLowerCase())
    PART.lastIndex = at + match[0].length
    if (PART.lastIndex === text.length) break
    if (text[PART.lastIndex] !== '.') throw badName(text)
    PART.lastIndex++
  }
  const [keyspace, table, ...rest] = parts
  if (keyspace === undefined || table === undefined || rest.length > 0) throw badName(text)
  return { keyspace, table }
}

function badName(text: unknown): MillraceError {
  return new MillraceError(
    'INVALID_ARGUMENT',
    `a table is named 'keyspace.table', with double quotes around a part that has capitals or ` +
      `signs: 'shop."Daily Totals"'; got ${JSON.stringify(text)}.`,
  )
}
