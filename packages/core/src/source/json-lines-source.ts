/**
 * A file with one JSON object a line as a bounded source of one partition.
 *
 * Read as a stream, in memory bounded by `lineBytesMax`. A position is the byte where the next
 * line begins, so a reader goes on anywhere. Blank lines are passed over, a carriage return before
 * the newline and a byte order mark do not count, the last line needs no newline.
 */
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { isRefusal } from '../schema/cell.ts'
import { OPEN_SCHEMA, type Schema } from '../schema/schema.ts'
import { type NumberTexts, numberTexts, parseJson } from '../serde/json-parse.ts'
import { LineReader } from './line-reader.ts'
import { LINE_BYTES_MAX, LineSource, openFile } from './line-source.ts'
import type { Source, SourceRecord } from './source.ts'
import { RowFault, recordsOf, type SourceRowOptions } from './source-row.ts'

// biome-ignore lint/suspicious/noExplicitAny: rows of any type, as in Array<any>.
export interface JsonLinesOptions<Row = any> extends SourceRowOptions<Row> {
  /** The longest line taken; default 16 MiB. A longer one is SOURCE_FAILED. */
  readonly lineBytesMax?: number
}

/**
 * A bounded source of the lines of a file. A line that is no JSON object or does not fit the
 * schema is an error that names the file and the line. Without a schema rows are open.
 *
 * @example
 * app.source(fromJsonLines('flights.jsonl', { schema: Flight, timestamp: 'date' }))
 */
export function fromJsonLines<Row>(
  path: string | URL,
  options: JsonLinesOptions<Row> & { readonly schema: Schema<Row> },
): Source<Row>
export function fromJsonLines<Row = Record<string, unknown>>(
  path: string | URL,
  options?: JsonLinesOptions<Row>,
): Source<Row>
export function fromJsonLines(
  path: string | URL,
  options: JsonLinesOptions & { readonly schema?: Schema } = {},
): Source {
  const { schema = OPEN_SCHEMA, lineBytesMax = LINE_BYTES_MAX } = options
  const file = path instanceof URL ? fileURLToPath(path) : path
  const recordOf = recordsOf(schema, 'json', options)
  const texts = numberTexts(schema.fields)
  return Object.freeze<Source>({
    name: `json-lines ${basename(file)}`,
    schema,
    isBounded: true,
    partitionCount: 1,
    open: async (_, position) => {
      const { handle, byte } = await openFile(file, position)
      const lines = new LineReader(handle, byte, { lineBytesMax })
      const hint = 'check that the file has one JSON object a line'
      const recordOfText = (text: string) => recordOfLine(text, texts, recordOf)
      return new LineSource({ file, handle, lines, hint, recordOf: recordOfText })
    },
  })
}

/** Null for a blank line. */
function recordOfLine(
  text: string,
  texts: NumberTexts | null,
  recordOf: (value: unknown) => SourceRecord | RowFault,
): SourceRecord | RowFault | null {
  if (text.trim() === '') return null
  const value = parseJson(text, texts)
  return isRefusal(value) ? new RowFault(value) : recordOf(value)
}
