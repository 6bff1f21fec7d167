/**
 * The contract between bytes and columns, for keys and for values.
 *
 * A serde is a frozen description; it makes decoders and encoders that live with a task. Values are
 * decoded a batch at a time and only into the columns that are read; whether a record is valid
 * never depends on the columns read. `testSerde` in `testing/` is the exam. Simple serdes are
 * written with `scalarSerde` (one column named `value`).
 */
import type { Batch } from '../batch/batch.ts'
import type { Column, JsonColumn } from '../batch/column.ts'
import type { Schema } from '../schema/schema.ts'
import type { ByteWriter } from '../util/byte-writer.ts'

/**
 * Which columns a plan reads: names, or all of them (a function or an output sees the whole row).
 */
export type ColumnsRead = readonly string[] | 'all'

/** Byte ranges of a batch: cell i is `data[start[i], start[i] + size[i])`; size -1 = null. */
export interface ByteRanges {
  readonly count: number
  readonly data: Buffer
  readonly start: Int32Array
  readonly size: Int32Array
}

/** Why a record could not be decoded. */
export interface DecodeFailure {
  readonly index: number
  /** Column or path, when the fault is in one. */
  readonly field: string | undefined
  readonly code: 'DECODE_FAILED' | 'TIMESTAMP_UNIT' | 'OVERFLOW'
  readonly expected: string
  /** A short, bounded description of what was there. */
  readonly got: string
}

export interface Decoded {
  /** The columns that were asked for, with their types. */
  readonly schema: Schema
  readonly columns: readonly Column[]
  /** Open schemas when all columns are read: the whole values. */
  readonly rest: JsonColumn | null
  /** Ascending by index; cells of failed records are null. */
  readonly failures: readonly DecodeFailure[]
}

export interface Decoder {
  /** Null ranges give null cells and no failure. Never throws for bad input. */
  decode(ranges: ByteRanges): Decoded
}

export interface Encoder {
  /**
   * Appends the encoded form of a record to `out`.
   * @throws ENCODE_FAILED with the column when the record cannot be written in this form.
   */
  encode(batch: Batch, index: number, out: ByteWriter): void
}

// biome-ignore lint/suspicious/noExplicitAny: a serde of any row, as in Array<any>.
export interface Serde<Row = any> {
  /** For messages and key compatibility: `json`, `string`. */
  readonly name: string
  /** What decoding gives. */
  readonly schema: Schema<Row>
  decoder(read: ColumnsRead): Decoder
  /**
   * An encoder for rows of `schema`.
   * @throws SCHEMA_MISMATCH at once when rows of that schema cannot be written.
   */
  encoder(schema: Schema): Encoder
}
