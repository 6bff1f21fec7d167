/**
 * Cells as text of a CSV file and back, and a line as its fields.
 *
 * An empty field without quotes is null, `""` is empty text. A field with a quote, the delimiter or
 * the end of a line in it is in quotes, quotes in it are doubled (RFC 4180). What a cell may be is
 * for the schema's gate (`toCell`) to say: here text only becomes the value that it writes.
 */
import type { CellValue } from '../batch/column.ts'
import { MillraceError } from '../errors.ts'
import type { DataType } from '../schema/data-type.ts'
import { describeValue, Refusal } from '../schema/refusal.ts'
import type { Schema } from '../schema/schema.ts'
import { parseJson } from './json-parse.ts'
import { cellText } from './json-text.ts'

/** A field of a line; null = empty and not in quotes. */
export type CsvField = string | null

const QUOTE = '"'
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/
const DIGITS = /^-?\d+$/

/** @throws INVALID_ARGUMENT */
export function checkDelimiter(delimiter: string): void {
  if (typeof delimiter === 'string' && /^[\t -!#-/:-@[-`{-~]$/.test(delimiter)) return
  throw new MillraceError(
    'INVALID_ARGUMENT',
    'a delimiter is one character of ASCII, no letter, digit or quote; got ' +
      `${describeValue(delimiter)}. ` +
      "Typical ones are ',', ';' and '\\t'.",
  )
}

/** @throws SCHEMA_MISMATCH for columns that have no form in CSV. */
export function checkCsvColumns({ fields }: Schema): void {
  const nested = fields.find(({ type }) => type.kind === 'list' || type.kind === 'struct')
  if (nested === undefined) return
  const { name, type } = nested
  throw new MillraceError(
    'SCHEMA_MISMATCH',
    `CSV has no lists and structs, and column ${JSON.stringify(name)} is ${type}. Take its parts ` +
      'as columns of their own, or declare it as t.json(), which is JSON text.',
    { field: name },
  )
}

/** A cell as the text of its field. @throws ENCODE_FAILED */
export function csvCell(of: {
  readonly type: DataType
  readonly name: string
  readonly cell: CellValue
  readonly delimiter: string
}): string {
  const { type, name, cell, delimiter } = of
  if (cell === null || cell === undefined) return ''
  if (type.kind === 'string') return csvField(cell as string, delimiter)
  const text = cellText(type, cell, name)
  const isQuoted = type.kind === 'bytes' || type.kind === 'decimal'
  return csvField(isQuoted ? text.slice(1, -1) : text, delimiter)
}

export function csvField(text: string, delimiter: string): string {
  const isPlain =
    text !== '' &&
    !text.includes(delimiter) &&
    !text.includes(QUOTE) &&
    !text.includes('\n') &&
    !text.includes('\r')
  return isPlain ? text : `"${text.replaceAll(QUOTE, '""')}"`
}

/** The fields of a line without its end, or why it is none. */
export function csvFields(line: string, delimiter: string): CsvField[] | Refusal {
  // Perf: most lines have no quotes, and split is many times as fast as the loop.
  if (!line.includes(QUOTE))
    return line.split(delimiter).map(field => (field === '' ? null : field))
  const fields: CsvField[] = []
  for (let at = 0; ; ) {
    if (line[at] === QUOTE) {
      const end = closingQuote(line, at + 1)
      if (end < 0) return refuse('a closing quote', line.slice(at))
      fields.push(line.slice(at + 1, end).replaceAll('""', QUOTE))
      at = end + 1
      if (at < line.length && line[at] !== delimiter) {
        return refuse('the delimiter behind a closing quote', line.slice(at))
      }
    } else {
      const next = line.indexOf(delimiter, at)
      const field = line.slice(at, next < 0 ? line.length : next)
      if (field.includes(QUOTE))
        return refuse('quotes around the whole field, doubled in it', field)
      fields.push(field === '' ? null : field)
      at += field.length
    }
    if (at >= line.length) return fields
    at++
  }
}

/** Where the quote is that ends a field; one that is doubled does not. */
function closingQuote(line: string, from: number): number {
  for (let at = line.indexOf(QUOTE, from); at >= 0; at = line.indexOf(QUOTE, at + 2)) {
    if (line[at + 1] !== QUOTE) return at
  }
  return -1
}

/**
 * The value that the text of a field writes, for `toCell`; text that is none is given as it is,
 * for `toCell` to refuse.
 */
export function csvValue(type: DataType, text: string): unknown {
  switch (type.kind) {
    case 'string':
    case 'bytes':
    case 'decimal':
      return text
    case 'boolean':
      return text === 'true' ? true : text === 'false' ? false : text
    case 'int32':
    case 'float64':
      return NUMBER.test(text) ? Number(text) : text
    case 'int64':
      return DIGITS.test(text) ? BigInt(text) : text
    case 'timestamp':
      return timeValue(text)
    case 'json':
    case 'list':
    case 'struct':
      return parseJson(text)
  }
}

/** Long digits stay exact: nanoseconds do not fit into a double. */
function timeValue(text: string): unknown {
  if (!NUMBER.test(text)) return text
  const number = Number(text)
  return Number.isSafeInteger(number) || !DIGITS.test(text) ? number : BigInt(text)
}

function refuse(expected: string, got: string): Refusal {
  return new Refusal('DECODE_FAILED', expected, describeValue(got))
}
