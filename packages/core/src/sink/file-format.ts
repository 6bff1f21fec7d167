/**
 * The contract between rows and the bytes of a file, for the files sink. A format that can't hold
 * the rows of a frame refuses them when the sink is attached.
 */
import type { Batch } from '../batch/batch.ts'
import { OPEN_SCHEMA, type Schema } from '../schema/schema.ts'
import { JsonEncoder } from '../serde/json-encoder.ts'
import type { ByteWriter } from '../util/byte-writer.ts'

export interface FileFormat {
  /** For errors: `csv`. */
  readonly name: string
  /** The end of file names, without its dot. */
  readonly extension: string
  /** @throws SCHEMA_MISMATCH when rows of this schema do not fit. */
  check(schema: Schema): void
  /** For batches of this schema: one that writes row by row, or one that fills whole files. */
  writer(schema: Schema): RowWriter | FileWriter
}

export interface RowWriter {
  /** What a file begins with, for example names of columns. */
  begin(out: ByteWriter): void
  /**
   * Appends one row; the caller undoes what was appended when it throws.
   * @throws ENCODE_FAILED when the format can't hold a cell.
   */
  row(batch: Batch, index: number, out: ByteWriter): void
}

/** Fills one file after the other with rows of many batches, for formats by columns or blocks. */
export interface FileWriter {
  /** Bytes that the rows in the file take, about; 0 = there are none. */
  readonly size: number
  /**
   * Copies the rows `indices[from]` to `indices[to - 1]` of a batch, or fewer once the file has
   * `bytesMax`; gives the position behind the last one taken, at least `from + 1`.
   * @throws ENCODE_FAILED when the format can't hold a cell.
   */
  write(batch: Batch, indices: Int32Array, range: RowRange): number
  /** The whole file, given away; the next row begins another one. */
  end(): Uint8Array
  /** Bytes that `end` gave and nobody needs any more, to be filled again. */
  recycle?(file: Uint8Array): void
  /** Forgets the rows. */
  reset(): void
}

export interface RowRange {
  readonly from: number
  readonly to: number
  readonly bytesMax: number
}

const NEWLINE = 0x0a

/** One JSON object a line, written as `json()` writes values. */
export function jsonLines(): FileFormat {
  return JSON_LINES
}

const JSON_LINES: FileFormat = Object.freeze({
  name: 'json-lines',
  extension: 'jsonl',
  check: () => {},
  writer: (schema: Schema) => {
    const encoder = new JsonEncoder(schema, OPEN_SCHEMA)
    return {
      begin: () => {},
      row: (batch: Batch, index: number, out: ByteWriter) => {
        encoder.encode(batch, index, out)
        out.byte(NEWLINE)
      },
    }
  },
})
