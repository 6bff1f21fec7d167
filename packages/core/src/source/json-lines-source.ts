/**
 * A file with one JSON object a line as a bounded source of one partition.
 *
 * Read as a stream, in memory bounded by `lineBytesMax`. A position is the byte where the next
 * line begins, so a reader goes on anywhere. Blank lines are passed over, a carriage return before
 * the newline and a byte order mark do not count, the last line needs no newline.
 */
import { type FileHandle, open } from 'node:fs/promises'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { MillraceError } from '../errors.ts'
import { isRefusal } from '../schema/cell.ts'
import { OPEN_SCHEMA, type Schema } from '../schema/schema.ts'
import { parseJson } from '../serde/json-parse.ts'
import { utf8Text } from '../serde/utf8-text.ts'
import { countPosition } from './count-position.ts'
import { type Line, LineReader, linesBefore } from './line-reader.ts'
import type { Source, SourceChunk, SourceReader, SourceRecord } from './source.ts'
import { type RecordOf, RowFault, recordsOf, type SourceRowOptions } from './source-row.ts'

// biome-ignore lint/suspicious/noExplicitAny: rows of any type, as in Array<any>.
export interface JsonLinesOptions<Row = any> extends SourceRowOptions<Row> {
  /** The longest line taken; default 16 MiB. A longer one is SOURCE_FAILED. */
  readonly lineBytesMax?: number
}

const LINE_BYTES_MAX = 16 * 1024 * 1024
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf])

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
  return Object.freeze<Source>({
    name: `json-lines ${basename(file)}`,
    schema,
    isBounded: true,
    partitionCount: 1,
    open: async (_, position) => {
      const from = countPosition(position, file)
      const handle = await openAt(file, from)
      const lines = new LineReader(handle, from, lineBytesMax)
      return new JsonLinesReader({ file, handle, lines, recordOf })
    },
  })
}

async function openAt(file: string, position: number): Promise<FileHandle> {
  let handle: FileHandle
  try {
    handle = await open(file)
  } catch (error) {
    throw failed(`cannot open ${file}: ${String(error)}. Check the path.`, error)
  }
  const { size } = await handle.stat()
  if (size >= position) return handle
  await handle.close()
  throw failed(
    `cannot go on at byte ${position} of ${file}, which has ${size} bytes. ` +
      'The file was changed after it was read; restore it or begin anew.',
  )
}

function failed(message: string, cause?: unknown): MillraceError {
  return new MillraceError('SOURCE_FAILED', message, { cause })
}

class JsonLinesReader implements SourceReader {
  readonly #file: string
  readonly #handle: FileHandle
  readonly #lines: LineReader
  readonly #recordOf: RecordOf
  #isClosed = false

  constructor(parts: {
    readonly file: string
    readonly handle: FileHandle
    readonly lines: LineReader
    readonly recordOf: RecordOf
  }) {
    this.#file = parts.file
    this.#handle = parts.handle
    this.#lines = parts.lines
    this.#recordOf = parts.recordOf
  }

  async read(recordsMax: number): Promise<SourceChunk> {
    const records: SourceRecord[] = []
    while (records.length < recordsMax) {
      const line = this.#lines.peek()
      if (line === undefined) {
        if (!(await this.#fill()) && this.#lines.isEnd) break
        continue
      }
      const record = line === 'too long' ? line : this.#recordOfLine(line)
      if (record === 'too long' || record instanceof RowFault) {
        // What is good before a bad line is given first; the line is read again by the next call.
        if (records.length > 0) break
        throw await this.#badLine(record)
      }
      if (record !== null) records.push(record)
      this.#lines.skip(line as Line)
    }
    return { records, position: String(this.#lines.position), isEnd: this.#lines.isEnd }
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    await this.#handle.close()
  }

  async #fill(): Promise<boolean> {
    try {
      return await this.#lines.fill()
    } catch (error) {
      throw failed(`cannot read ${this.#file}: ${String(error)}. Check the disk.`, error)
    }
  }

  /** Null for a blank line. */
  #recordOfLine({ bytes }: Line): SourceRecord | RowFault | null {
    const isFirst = this.#lines.position === 0
    const hasMark = isFirst && bytes.subarray(0, 3).equals(BYTE_ORDER_MARK)
    const text = utf8Text(bytes, hasMark ? 3 : 0, bytes.length)
    if (isRefusal(text)) return new RowFault(text)
    if (text.trim() === '') return null
    const value = parseJson(text)
    return isRefusal(value) ? new RowFault(value) : this.#recordOf(value)
  }

  async #badLine(fault: RowFault | 'too long'): Promise<MillraceError> {
    const number = 1 + (await linesBefore(this.#handle, this.#lines.position))
    const where = `line ${number} of ${this.#file}`
    if (fault !== 'too long') return fault.error(where)
    return failed(
      `${where} is longer than ${this.#lines.lineBytesMax} bytes. ` +
        'Raise lineBytesMax, or check that the file has one JSON object a line.',
    )
  }
}
