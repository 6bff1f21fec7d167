/**
 * Reads the records of a file that has one a line, for the sources of such formats.
 *
 * A position (`line-position.ts`) is the byte where the next line begins, so a reader goes on
 * anywhere, and notices when the file is not what it was. A byte order
 * mark and a carriage return before the newline do not count, the last line needs no newline. A bad
 * line is refused after the good ones before it, with its number, again and again until `skipBad`.
 */
import { type FileHandle, open } from 'node:fs/promises'
import { MillraceError } from '../errors.ts'
import { isRefusal } from '../schema/cell.ts'
import type { Refusal } from '../schema/refusal.ts'
import { utf8Text } from '../serde/utf8-text.ts'
import { checkBefore, linePosition, parseLinePosition } from './line-position.ts'
import { type Line, type LineReader, linesBetween } from './line-reader.ts'
import type { SourceChunk, SourceReader, SourceRecord } from './source.ts'
import { RowFault } from './source-row.ts'

export const LINE_BYTES_MAX: number = 16 * 1024 * 1024
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf])

export interface LineSourceParts {
  readonly file: string
  readonly handle: FileHandle
  readonly lines: LineReader
  /** The record of a line without its end; null = it has none. */
  readonly recordOf: (text: string) => SourceRecord | RowFault | null
  /** What to look for when a line is too long. */
  readonly hint: string
}

/** A file that was opened at a position. */
export interface FileAt {
  readonly handle: FileHandle
  readonly byte: number
}

/**
 * @throws SOURCE_FAILED when the file is missing, shorter than the position, or has other bytes
 *   before it. FORMAT_UNKNOWN for a position of something else.
 */
export async function openFile(file: string, position: string | null): Promise<FileAt> {
  const { byte, check } = parseLinePosition(position, file)
  let handle: FileHandle
  try {
    handle = await open(file)
  } catch (error) {
    throw sourceFailed(`cannot open ${file}: ${String(error)}. Check the path.`, error)
  }
  try {
    const { size } = await handle.stat()
    if (size < byte) throw changed(file, byte, `which has ${size} bytes`)
    const isSame = check === null || check === (await checkBefore(handle, byte))
    if (!isSame) throw changed(file, byte, 'which has other bytes before it')
    return { handle, byte }
  } catch (error) {
    await handle.close()
    throw error
  }
}

function changed(file: string, byte: number, what: string): MillraceError {
  return sourceFailed(
    `cannot go on at byte ${byte} of ${file}, ${what}. ` +
      'The file was changed after it was read; restore it or begin anew.',
  )
}

function sourceFailed(message: string, cause?: unknown): MillraceError {
  return new MillraceError('SOURCE_FAILED', message, { cause })
}

/** The text of a line; the byte order mark of a file's first line and a carriage return are off. */
export function lineText(bytes: Buffer, isFirst: boolean): string | Refusal {
  const hasMark = isFirst && bytes.subarray(0, 3).equals(BYTE_ORDER_MARK)
  const hasReturn = bytes.length > 0 && bytes[bytes.length - 1] === 0x0d
  return utf8Text(bytes, hasMark ? 3 : 0, bytes.length - (hasReturn ? 1 : 0))
}

export class LineSource implements SourceReader {
  readonly #parts: LineSourceParts
  readonly #lines: LineReader
  #bad: Line | null = null
  /** Lines of the file before a position, as counted last. */
  #counted = { position: 0, lines: 0 }
  /** The position that was given last. */
  #told = { byte: 0, text: '0' }
  #isClosed = false

  constructor(parts: LineSourceParts) {
    this.#parts = parts
    this.#lines = parts.lines
  }

  async read(recordsMax: number): Promise<SourceChunk> {
    const records: SourceRecord[] = []
    while (records.length < recordsMax) {
      const line = await this.#next()
      if (line === null) break
      if (line === 'too long') {
        if (records.length > 0) break
        throw await this.#tooLong()
      }
      const record = this.#recordOf(line)
      if (record instanceof RowFault) {
        // What is good before a bad line is given first; the line is read again by the next call.
        if (records.length > 0) break
        this.#bad = line
        throw record.error(await this.#where())
      }
      if (record !== null) records.push(record)
      this.#lines.skip(line)
    }
    return { records, position: await this.#positionText(), isEnd: this.#lines.isEnd }
  }

  skipBad(): Promise<Uint8Array | null> {
    const bad = this.#bad
    this.#bad = null
    if (bad === null) return Promise.resolve(null)
    this.#lines.skip(bad)
    return Promise.resolve(Buffer.from(bad.bytes))
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    await this.#parts.handle.close()
  }

  /**
   * The line in front of the records.
   * @throws SOURCE_FAILED
   */
  async header(): Promise<Line | null> {
    const line = await this.#next()
    if (line === 'too long') throw await this.#tooLong()
    return line
  }

  /** The next line, without stepping behind it; null at the end. */
  async #next(): Promise<Line | 'too long' | null> {
    for (;;) {
      const line = this.#lines.peek()
      if (line !== undefined) return line
      if (!(await this.#orFailed(this.#lines.fill())) && this.#lines.isEnd) return null
    }
  }

  #recordOf({ bytes }: Line): SourceRecord | RowFault | null {
    const text = lineText(bytes, this.#lines.position === 0)
    return isRefusal(text) ? new RowFault(text) : this.#parts.recordOf(text)
  }

  async #orFailed<T>(reading: Promise<T>): Promise<T> {
    try {
      return await reading
    } catch (error) {
      const text = `cannot read ${this.#parts.file}: ${String(error)}. Check the disk.`
      throw sourceFailed(text, error)
    }
  }

  async #positionText(): Promise<string> {
    const { position: byte } = this.#lines
    if (byte !== this.#told.byte) {
      this.#told = { byte, text: await this.#orFailed(linePosition(this.#parts.handle, byte)) }
    }
    return this.#told.text
  }

  async #tooLong(): Promise<MillraceError> {
    return sourceFailed(
      `${await this.#where()} is longer than ${this.#lines.lineBytesMax} bytes. ` +
        `Raise lineBytesMax, or ${this.#parts.hint}.`,
    )
  }

  async #where(): Promise<string> {
    const { position } = this.#lines
    const { handle, file } = this.#parts
    const since = this.#counted
    const lines = since.lines + (await linesBetween(handle, since.position, position))
    this.#counted = { position, lines }
    return `line ${lines + 1} of ${file}`
  }
}
