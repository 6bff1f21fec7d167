/**
 * Reads the rows of files that are made of blocks of rows (record batches, row groups), one block
 * in memory at a time.
 *
 * A position says file, block and row: `2.17.out/a.arrow`. A reader goes on there whatever else is
 * in the folder by then. A bad row is refused after the good ones before it, until `skipBad`.
 */
import {
  type RecordOf,
  type Row,
  RowFault,
  type SourceChunk,
  type SourceReader,
  type SourceRecord,
  valueText,
} from '@millrace/core'
import { type FileSet, sourceFailed } from './file-set.ts'

/** A file opened for reading. */
export interface BlockFile {
  readonly blockCount: number
  /** Rows of a block, read when they are asked for. @throws SOURCE_FAILED */
  block(nth: number): Promise<BlockRows>
  close(): Promise<void>
}

export interface BlockRows {
  readonly count: number
  /** Null: none of them is wanted, and they were not read. */
  readonly row: ((index: number) => Row) | null
}

export interface FilesReaderParts {
  readonly files: FileSet
  readonly open: (name: string) => Promise<BlockFile>
  readonly recordOf: RecordOf
}

interface Place {
  file: number
  block: number
  row: number
}

export class FilesReader implements SourceReader {
  readonly #parts: FilesReaderParts
  readonly #at: Place
  #file: BlockFile | null = null
  #rows: BlockRows | null = null
  #bad: Row | null = null
  /** Rows that were not wanted, and that no chunk has told of yet. */
  #leftOut = 0

  /** @throws FORMAT_UNKNOWN, SOURCE_FAILED for a position that is none of these files. */
  constructor(parts: FilesReaderParts, position: string | null) {
    this.#parts = parts
    this.#at = placeOf(position, parts.files)
  }

  async read(recordsMax: number): Promise<SourceChunk> {
    const records: SourceRecord[] = []
    const at = this.#at
    while (records.length < recordsMax) {
      const rows = await this.#block()
      if (rows === null) break
      const { count, row: rowAt } = rows
      if (rowAt === null) {
        // Records of a chunk follow each other.
        if (records.length > 0) break
        this.#leftOut += count - at.row
        at.row = count
        continue
      }
      for (; at.row < count && records.length < recordsMax; at.row++) {
        const row = rowAt(at.row)
        const record = this.#parts.recordOf(row)
        if (record instanceof RowFault) {
          if (records.length > 0) return this.#chunk(records)
          this.#bad = row
          throw record.error(this.#where())
        }
        records.push(record)
      }
    }
    return this.#chunk(records)
  }

  skipBad(): Promise<Uint8Array | null> {
    const bad = this.#bad
    this.#bad = null
    if (bad === null) return Promise.resolve(null)
    this.#at.row++
    return Promise.resolve(Buffer.from(valueText(bad, 'row') ?? 'null'))
  }

  async close(): Promise<void> {
    await this.#file?.close()
    this.#file = null
  }

  /** The block with the next row; null at the end. */
  async #block(): Promise<BlockRows | null> {
    const at = this.#at
    const { files, open } = this.#parts
    for (;;) {
      const name = files.names[at.file]
      if (name === undefined) return null
      this.#file ??= await open(name)
      if (at.block < this.#file.blockCount) {
        this.#rows ??= await this.#file.block(at.block)
        if (at.row < this.#rows.count) return this.#rows
        this.#rows = null
        at.block++
        at.row = 0
        continue
      }
      await this.close()
      at.file++
      at.block = 0
      at.row = 0
    }
  }

  #chunk(records: SourceRecord[]): SourceChunk {
    const { file, block, row } = this.#at
    const { names } = this.#parts.files
    const name = names[file]
    const position =
      name === undefined
        ? `${END}${encodeURI(names.at(-1) ?? '')}`
        : `${block}.${row}.${encodeURI(name)}`
    const isEnd = name === undefined
    const leftOut = this.#leftOut
    this.#leftOut = 0
    return leftOut === 0 ? { records, position, isEnd } : { records, position, isEnd, leftOut }
  }

  #where(): string {
    const { file, block, row } = this.#at
    return `row ${row} of block ${block} of ${this.#parts.files.names[file]}`
  }
}

const END = 'end.'

function placeOf(position: string | null, { names, name: where }: FileSet): Place {
  if (position === null) return { file: 0, block: 0, row: 0 }
  if (position.startsWith(END)) return { file: names.length, block: 0, row: 0 }
  const [, block, row, name] = /^(\d{1,15})\.(\d{1,15})\.(.+)$/.exec(position) ?? []
  if (name === undefined) throw sourceFailed(`${where}: ${position} is no position of files.`)
  const file = names.indexOf(decodeURI(name))
  if (file >= 0) return { file, block: Number(block), row: Number(row) }
  throw sourceFailed(
    `${where}: the file ${decodeURI(name)}, which was being read, has gone. Restore it, or ` +
      'begin anew.',
  )
}
