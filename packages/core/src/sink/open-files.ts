/**
 * The files that one task of a files sink is filling: one, or one for each folder of a partitioned
 * sink. Rows of a batch go to their file; a file with its bytes or rows is ended and handed on.
 *
 * How much is held is bounded by two numbers: files open at once, and bytes in all of them. Where
 * one is reached the largest file is ended before its time; which rows are written does not depend
 * on it. Rows of another schema begin other files.
 */
import type { Batch } from '../batch/batch.ts'
import type { Schema } from '../schema/schema.ts'
import type { FileFormat, FileWriter } from './file-format.ts'
import type { PartitionFolders } from './partition-folders.ts'
import { RowFile } from './row-file.ts'

export interface OpenFilesParts {
  readonly format: FileFormat
  readonly fileBytesMax: number
  readonly fileRowsMax: number
  readonly folders: PartitionFolders | null
  readonly ended: (file: EndedFile) => void
}

export interface EndedFile {
  readonly bytes: Uint8Array
  readonly folder: string
  /** Nobody needs the bytes any more. */
  readonly release: () => void
}

interface OpenFile {
  readonly folder: string
  readonly writer: FileWriter
  rows: number
}

const OPEN_FILES_MAX = 256
const OPEN_BYTES_MAX = 64 * 1024 * 1024

export class OpenFiles {
  readonly #parts: OpenFilesParts
  readonly #files = new Map<string, OpenFile>()
  #schema: Schema | null = null

  constructor(parts: OpenFilesParts) {
    this.#parts = parts
  }

  /** @throws ENCODE_FAILED when the format can't hold a cell. */
  write(batch: Batch): void {
    this.#use(batch.schema)
    const rows = rowsOf(batch)
    const { folders } = this.#parts
    if (folders === null) {
      this.#fill('', batch, rows)
      return
    }
    const inner = folders.without(batch)
    for (const [folder, indices] of folders.split(batch, rows)) this.#fill(folder, inner, indices)
    while (this.#bytes() > OPEN_BYTES_MAX) this.#endLargest()
  }

  /** Ends every file that has rows. */
  end(): void {
    for (const file of this.#files.values()) if (file.writer.size > 0) this.#end(file)
    if (this.#parts.folders !== null) this.#files.clear()
  }

  reset(): void {
    for (const file of this.#files.values()) {
      file.writer.reset()
      file.rows = 0
    }
  }

  #use(schema: Schema): void {
    if (this.#schema === schema) return
    if (this.#schema !== null && !areEqual(this.#schema, schema)) {
      this.end()
      this.#files.clear()
    }
    this.#schema = schema
  }

  #fill(folder: string, batch: Batch, indices: Int32Array): void {
    const { fileBytesMax: bytesMax, fileRowsMax } = this.#parts
    for (let from = 0; from < indices.length; ) {
      const file = this.#file(folder, batch.schema)
      const to = Math.min(indices.length, from + fileRowsMax - file.rows)
      const next = file.writer.write(batch, indices, { from, to, bytesMax })
      file.rows += next - from
      from = next
      if (file.writer.size >= bytesMax || file.rows >= fileRowsMax) this.#end(file)
    }
  }

  #file(folder: string, schema: Schema): OpenFile {
    const known = this.#files.get(folder)
    if (known !== undefined) return known
    if (this.#files.size >= OPEN_FILES_MAX) this.#endLargest()
    const writer = this.#parts.format.writer(schema)
    const file = { folder, writer: 'row' in writer ? new RowFile(writer) : writer, rows: 0 }
    this.#files.set(folder, file)
    return file
  }

  #end(file: OpenFile): void {
    const { writer, folder } = file
    file.rows = 0
    const bytes = writer.end()
    this.#parts.ended({ bytes, folder, release: () => writer.recycle?.(bytes) })
  }

  #bytes(): number {
    let bytes = 0
    for (const { writer } of this.#files.values()) bytes += writer.size
    return bytes
  }

  #endLargest(): void {
    const [first, ...others] = this.#files.values()
    let largest = first as OpenFile
    for (const file of others) if (file.writer.size > largest.writer.size) largest = file
    if (largest.writer.size > 0) this.#end(largest)
    this.#files.delete(largest.folder)
  }
}

/** Selected records that are no tombstones. */
function rowsOf(batch: Batch): Int32Array {
  const rows = new Int32Array(batch.count)
  let count = 0
  for (let nth = 0; nth < batch.count; nth++) {
    const index = batch.at(nth)
    if (!batch.isTombstone(index)) rows[count++] = index
  }
  return rows.subarray(0, count)
}

function areEqual(left: Schema, right: Schema): boolean {
  return (
    left.isOpen === right.isOpen &&
    left.fields.length === right.fields.length &&
    left.fields.every(({ name, type }, i) => {
      const other = right.fields[i]
      return name === other?.name && type.toString() === other.type.toString()
    })
  )
}
