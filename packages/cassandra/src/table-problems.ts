/** Errors of tables that are missing or do not fit: everything at once, with what would fit. */
import { didYouMean, type ErrorCode, MillraceError } from '@millrace/core'
import { showName, showTable, type TableName } from './cql-name.ts'
import type { MissingTable } from './live-table.ts'

/** @param what the frame goes into: `table shop.totals` */
export function misfitError(what: string, problems: readonly string[]): MillraceError {
  return new MillraceError(
    'SCHEMA_MISMATCH',
    `the frame does not fit ${what}:${listText(problems)}\nNothing was written.`,
  )
}

export interface Misfit {
  readonly name: TableName
  readonly problems: readonly string[]
}

/** Of several tables; `everywhere` is wrong with all of them. */
export function misfitsError(
  misfits: readonly Misfit[],
  everywhere: readonly string[],
): MillraceError {
  const parts = misfits.map(
    ({ name, problems }) => `\ntable ${showTable(name)}:${listText(problems)}`,
  )
  return new MillraceError(
    'SCHEMA_MISMATCH',
    `the frame does not fit its tables:${listText(everywhere)}${parts.join('')}` +
      '\nNothing was written.',
  )
}

function listText(problems: readonly string[]): string {
  return problems.map(problem => `\n  - ${problem}`).join('')
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
