import { MillraceError } from '@millrace/core'

/** What holds no code: texts, names in quotes, comments. */
const NO_CODE =
  /'(?:[^']|'')*'|"(?:[^"]|"")*"|\$\$[\s\S]*?\$\$|--[^\n]*|\/\/[^\n]*|\/\*[\s\S]*?\*\//g

/** @throws INVALID_ARGUMENT where it changes no rows, or its parameters have no names. */
export function checkQuery(cql: unknown): void {
  const code = typeof cql === 'string' ? cql.replace(NO_CODE, ' ').trim() : ''
  if (!/^(?:insert|update|delete|begin)\b/i.test(code)) {
    throw wrong(`a query is an INSERT, UPDATE, DELETE or BEGIN BATCH; got ${JSON.stringify(cql)}`)
  }
  if (/\?/.test(code)) {
    throw wrong(`the parameters of a query have names: write :id, not ?, in ${showQuery(cql)}`)
  }
}

const SHOWN_MAX = 120

/** For messages: in one line, and not longer than one can read. */
export function showQuery(cql: unknown): string {
  const line = String(cql).replace(/\s+/g, ' ').trim()
  return JSON.stringify(line.length > SHOWN_MAX ? `${line.slice(0, SHOWN_MAX)}…` : line)
}

function wrong(text: string): MillraceError {
  return new MillraceError('INVALID_ARGUMENT', `${text}.`)
}
