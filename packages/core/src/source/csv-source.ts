/**
 * A CSV file as a bounded source of one partition.
 *
 * Read as a stream, in memory bounded by `lineBytesMax`. A position is the byte where the next line
 * begins. Which column is where comes from the first line, or from `header`; what a cell may be is
 * said by the schema. A field in quotes may hold the delimiter, quotes (doubled) and line ends.
 */
import type { FileHandle } from 'node:fs/promises'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Row, setOwn } from '../batch/row.ts'
import { MillraceError } from '../errors.ts'
import { isRefusal } from '../schema/cell.ts'
import { describeValue, Refusal } from '../schema/refusal.ts'
import { OPEN_SCHEMA, type Schema } from '../schema/schema.ts'
import { checkCsvColumns, checkDelimiter, csvFields, csvValue } from '../serde/csv-text.ts'
import { didYouMean } from '../util/did-you-mean.ts'
import { LineReader } from './line-reader.ts'
import { LINE_BYTES_MAX, LineSource, lineText, openFile } from './line-source.ts'
import type { Source, SourceReader, SourceRecord } from './source.ts'
import { type RecordOf, RowFault, recordsOf, type SourceRowOptions } from './source-row.ts'

// biome-ignore lint/suspicious/noExplicitAny: rows of any type, as in Array<any>.
export interface CsvSourceOptions<Row_ = any> extends SourceRowOptions<Row_> {
  /**
   * True (default): the first line names the columns. Names: there is no such line, these are the
   * columns. False: there is none, the columns are those of the schema.
   */
  readonly header?: boolean | readonly string[]
  /** One character of ASCII. Default `,`. */
  readonly delimiter?: string
  /** Text that means null, besides an empty field: `['NA', 'NULL']`. */
  readonly nulls?: readonly string[]
  /** The longest line taken; default 16 MiB. A longer one is SOURCE_FAILED. */
  readonly lineBytesMax?: number
}

/**
 * A bounded source of the lines of a CSV file (RFC 4180). A line that has more or fewer fields than
 * there are columns, or a cell that does not fit the schema, is an error that names the file and
 * the line, and goes to the application's policy. An empty field is null (`""` is empty text; so is
 * an empty field of a text column that is not nullable). Columns the schema does not have are left
 * out. Without a schema rows are open and every cell is text. Timestamps are numbers of the
 * declared unit or ISO 8601 text with a zone, booleans `true` and `false`, bytes base64.
 *
 * @example
 * app.dataframe(fromCsv('flights.csv', { schema: Flight, timestamp: 'date', delimiter: ';' }))
 */
export function fromCsv<Row>(
  path: string | URL,
  options: CsvSourceOptions<Row> & { readonly schema: Schema<Row> },
): Source<Row>
export function fromCsv<Row = Record<string, string | null>>(
  path: string | URL,
  options?: CsvSourceOptions<Row>,
): Source<Row>
export function fromCsv(
  path: string | URL,
  options: CsvSourceOptions & { readonly schema?: Schema } = {},
): Source {
  const { schema = OPEN_SCHEMA, delimiter = ',', header = true } = options
  checkDelimiter(delimiter)
  checkCsvColumns(schema)
  const names = namesGiven(header, schema)
  if (names !== null) checkNames(names, schema, 'header')
  const file = path instanceof URL ? fileURLToPath(path) : path
  const recordOf = recordsOf(schema, 'json', options)
  const { nulls = [], lineBytesMax = LINE_BYTES_MAX } = options
  const parts = { schema, delimiter, recordOf, nulls: new Set(nulls), names, lineBytesMax }
  return Object.freeze<Source>({
    name: `csv ${basename(file)}`,
    schema,
    isBounded: true,
    partitionCount: 1,
    open: async (_, position) => {
      const { handle, byte } = await openFile(file, position)
      try {
        return await openReader(file, handle, byte, parts)
      } catch (error) {
        await handle.close()
        throw error
      }
    },
  })
}

interface CsvParts {
  readonly schema: Schema
  readonly delimiter: string
  readonly recordOf: RecordOf
  readonly nulls: ReadonlySet<string>
  /** Null: the first line says them. */
  readonly names: readonly string[] | null
  readonly lineBytesMax: number
}

async function openReader(
  file: string,
  handle: FileHandle,
  position: number,
  parts: CsvParts,
): Promise<SourceReader> {
  const hint = 'check the file for a quote that is not closed'
  const options = { lineBytesMax: parts.lineBytesMax, isQuoted: true }
  let { names } = parts
  let from = position
  if (names === null) {
    const lines = new LineReader(handle, 0, options)
    const head = new LineSource({ file, handle, lines, hint, recordOf: () => null })
    const line = await head.header()
    names = line === null ? [] : headerOf(line.bytes, parts, file)
    from = Math.max(position, line?.nextPosition ?? 0)
  }
  const lines = new LineReader(handle, from, options)
  const columns = names
  const recordOf = (text: string) => recordOfLine(text, columns, parts)
  return new LineSource({ file, handle, lines, hint, recordOf })
}

function headerOf(bytes: Buffer, { delimiter, schema }: CsvParts, file: string): string[] {
  const text = lineText(bytes, true)
  const fields = isRefusal(text) ? text : csvFields(text, delimiter)
  const where = `line 1 of ${file}`
  if (isRefusal(fields)) throw new RowFault(fields).error(where)
  const names = fields.map(field => field ?? '')
  checkNames(names, schema, where)
  return names
}

/** Null for a blank line, unless there is one column: then it is an empty cell. */
function recordOfLine(
  line: string,
  names: readonly string[],
  { delimiter, nulls, schema, recordOf }: CsvParts,
): SourceRecord | RowFault | null {
  if (line === '' && names.length !== 1) return null
  const fields = csvFields(line, delimiter)
  if (isRefusal(fields)) return new RowFault(fields)
  if (fields.length !== names.length) {
    const got = `${fields.length}: ${describeValue(line)}`
    return new RowFault(new Refusal('DECODE_FAILED', `${names.length} fields`, got))
  }
  const row: Row = {}
  for (const [i, name] of names.entries()) {
    const value = cellValue(fields[i] ?? null, name, schema, nulls)
    if (isRefusal(value)) return new RowFault(value, name)
    if (value !== undefined) setOwn(row, name, value as never)
  }
  return recordOf(row)
}

/** Undefined: the schema does not have the column. */
function cellValue(
  field: string | null,
  name: string,
  schema: Schema,
  nulls: ReadonlySet<string>,
): unknown {
  if (!schema.has(name)) return schema.isOpen ? field : undefined
  const type = schema.typeOf(name)
  if (field === null) return type.kind === 'string' && !type.isNullable ? '' : null
  return nulls.has(field) ? null : csvValue(type, field)
}

function namesGiven(header: boolean | readonly string[], schema: Schema): readonly string[] | null {
  if (header === true) return null
  if (Array.isArray(header)) return [...header]
  if (header === false && schema.fields.length > 0) return schema.fields.map(({ name }) => name)
  throw new MillraceError(
    'INVALID_ARGUMENT',
    `header must be true, false with a schema, or the names of the columns; got ` +
      `${describeValue(header)}${header === false ? ' without a schema' : ''}.`,
  )
}

/** Columns that are named twice or missing: a mistake in `header`, trouble in a file. */
function checkNames(names: readonly string[], schema: Schema, where: string): void {
  const code = where === 'header' ? 'INVALID_ARGUMENT' : 'SOURCE_FAILED'
  const twice = names.find((name, i) => names.indexOf(name) !== i)
  if (twice !== undefined) {
    throw new MillraceError(
      code,
      `${where} names the column ${describeValue(twice)} twice. Give the names by header: [ … ].`,
    )
  }
  const missing = schema.fields.find(({ name, type }) => !type.isNullable && !names.includes(name))
  if (missing === undefined) return
  throw new MillraceError(
    code,
    `${where} has no column ${describeValue(missing.name)}; it has ` +
      `${describeValue(names.join(', '))}.${didYouMean(missing.name, names)} Correct the schema, ` +
      'the delimiter, or the file.',
  )
}
