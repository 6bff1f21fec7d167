/** Errors of a table that is missing or does not fit: everything at once, with what would fit. */
import { didYouMean, type ErrorCode, MillraceError } from '@millrace/core'
import { showName, showTable, type TableName } from './cql-name.ts'
import type { MissingTable } from './live-table.ts'

export function misfitError(name: TableName, problems: readonly string[]): MillraceError {
  const list = problems.map(problem => `\n  - ${problem}`).join('')
  return new MillraceError(
    'SCHEMA_MISMATCH',
    `the frame does not fit table ${showTable(name)}:${list}\nNothing was written.`,
  )
}

/** @param ddl what would create it; null = that cannot be said. */
export function missingError(
  name: TableName,
  { keyspaces, tables }: MissingTable,
  ddl: readonly string[] | string,
  code: ErrorCode = 'SINK_FAILED',
): MillraceError {
  const { keyspace, table } = name
  const hasKeyspace = keyspaces.includes(keyspace)
  const what = hasKeyspace ? `table ${showTable(name)}` : `keyspace ${showName(keyspace)}`
  const [wanted, there] = hasKeyspace ? [table, tables] : [keyspace, keyspaces]
  const sameLetters = there.find(other => other.toLowerCase() === wanted.toLowerCase())
  const before = hasKeyspace ? `${showName(keyspace)}.` : ''
  const near =
    sameLetters === undefined
      ? didYouMean(wanted, there)
      : ` There is ${quoted(sameLetters)}: write '${before}${quoted(sameLetters)}'.`
  const how =
    typeof ddl === 'string'
      ? ddl
      : `say create${hasKeyspace ? ': true' : ' with a replication'}, or run:\n  ` +
        `${ddl.join(';\n  ')};`
  return new MillraceError(code, `there is no ${what}.${near} Create it: ${how}`)
}

function quoted(name: string): string {
  return `"${name}"`
}
