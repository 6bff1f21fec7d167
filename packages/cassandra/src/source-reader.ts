/**
 * Reads the rows of a piece of the ring, in the order of tokens and, within a partition, of its
 * clustering.
 *
 *   position = token             everything up to it, its partition included
 *            | token "." rows    everything before it, and so many rows of its partition
 *
 * So a position says where in the data a reader stands, not where in some answer: who goes on from
 * it asks for what is behind the token, or from its partition on, and steps over the rows. Two
 * partitions with one hash count as one; they always come in the same order.
 */
import {
  MillraceError,
  type RecordOf,
  type Row,
  RowFault,
  type SourceChunk,
  type SourceReader,
  type SourceRecord,
} from '@millrace/core'
import type { RangePage, RangePages } from './range-pages.ts'

/** A row of the table, found by the server. */
export interface FoundRow {
  readonly token: bigint
  /** Its cells by the names of the schema. @throws DECODE_FAILED */
  row(): Row
  /** For a dead letter. */
  text(): string
}

export interface TableReaderParts {
  /** Behind the token of the position. */
  readonly pages: RangePages<FoundRow>
  readonly recordOf: RecordOf
  /** The table, for messages. */
  readonly table: string
  readonly close: () => Promise<void>
}

export interface RowPosition {
  readonly token: bigint
  /** Of its partition; 0 = all. */
  readonly rows: number
}

export class TableReader implements SourceReader {
  readonly #parts: TableReaderParts
  #page: RangePage<FoundRow> | null = null
  #at = 0
  #isEnd = false
  #token: bigint
  #rows: number
  /** Rows of `#token` that were read before and come again. */
  #again: number
  #bad: FoundRow | null = null
  #isClosed = false

  constructor(parts: TableReaderParts, { token, rows }: RowPosition) {
    this.#parts = parts
    this.#token = token
    this.#rows = rows
    this.#again = rows
  }

  async read(recordsMax: number): Promise<SourceChunk> {
    const records: SourceRecord[] = []
    while (records.length < recordsMax && (await this.#hasRow())) {
      const { rows } = this.#page as RangePage<FoundRow>
      while (this.#at < rows.length && records.length < recordsMax) {
        const found = rows[this.#at] as FoundRow
        if (this.#isAgain(found)) this.#at++
        else if (this.#take(found, records)) this.#pass(found)
        else return this.#chunk(records)
      }
    }
    return this.#chunk(records)
  }

  async skipBad(): Promise<Uint8Array | null> {
    const bad = this.#bad
    this.#bad = null
    if (bad === null) return null
    this.#pass(bad)
    return Buffer.from(bad.text())
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    await this.#parts.close()
  }

  /** Brings the page with the next row; false = there is none. */
  async #hasRow(): Promise<boolean> {
    while (!this.#isEnd) {
      const page = this.#page
      if (page !== null && this.#at < page.rows.length) return true
      const next = await this.#parts.pages.next()
      if (page !== null && page.more === null) this.#endRange(page.range.to)
      this.#isEnd = next === null
      this.#page = next
      this.#at = 0
    }
    return false
  }

  #endRange(to: bigint): void {
    this.#token = to
    this.#rows = 0
    this.#again = 0
  }

  #isAgain({ token }: FoundRow): boolean {
    if (this.#again === 0) return false
    this.#again = token === this.#token ? this.#again - 1 : 0
    return token === this.#token
  }

  /** False: it is bad, and good ones before it come first. @throws what is wrong with it */
  #take(found: FoundRow, records: SourceRecord[]): boolean {
    const { recordOf, table } = this.#parts
    try {
      const record = recordOf(found.row())
      if (record instanceof RowFault) throw record.error(`a row of ${table}`)
      records.push(record)
      return true
    } catch (error) {
      if (records.length > 0) return false
      if (MillraceError.is(error)) this.#bad = found
      throw error
    }
  }

  #pass({ token }: FoundRow): void {
    this.#rows = token === this.#token ? this.#rows + 1 : 1
    this.#token = token
    this.#at++
  }

  #chunk(records: readonly SourceRecord[]): SourceChunk {
    const position = this.#rows === 0 ? `${this.#token}` : `${this.#token}.${this.#rows}`
    return { records, position, isEnd: this.#isEnd }
  }
}
