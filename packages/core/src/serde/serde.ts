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
import type { Headers } from '../record/headers.ts'
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
  /**
   * Record headers as ranges of the same data, in the form of `RawRecords`; missing where there
   * are none to see.
   */
  readonly headers?: { readonly start: Int32Array; readonly size: Int32Array }
}

/** What a serde that asks others (a schema registry) is used for. */
export interface SerdePlace {
  readonly topic: string
  readonly part: 'key' | 'value'
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
  /**
   * Fetches what decoding these ranges needs and is not known yet; undefined = nothing, the usual
   * answer, which costs no wait. The task waits for it before `decode`. It rejects only with what
   * is no fault of a record and must stop the run.
   */
  prepare?(ranges: ByteRanges): Promise<void> | undefined
  /**
   * Null ranges give null cells and no failure. Never throws for bad input. Nothing of the ranges
   * is kept, but in the columns it gives: their bytes are used again.
   */
  decode(ranges: ByteRanges): Decoded
}

export interface Encoder {
  /**
   * Called and waited for before the first `encode` of a run.
   * @throws SCHEMA_MISMATCH where what is fetched tells that rows cannot be written.
   */
  prepare?(): Promise<void>
  /**
   * Does what encoding the records of a batch has to wait for, those with a value; undefined =
   * nothing. Where it is there, the task waits for it before it encodes them, and asks for one
   * batch after the other. It rejects only with what is no fault of a record and must stop the run.
   */
  prefetch?(batch: Batch): Promise<void> | undefined
  /** The headers that a record is written with; missing: those it has. */
  headers?(given: Headers): Headers
  /**
   * Appends the encoded form of a record to `out`; nothing of the batch is kept.
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
  /**
   * The serde for one topic, where it must know which: `app.topic` asks for it. Missing: it is the
   * same for all.
   */
  at?(place: SerdePlace): Serde<Row>
  decoder(read: ColumnsRead): Decoder
  /**
   * An encoder for rows of `schema`.
   * @throws SCHEMA_MISMATCH at once when rows of that schema cannot be written.
   */
  encoder(schema: Schema): Encoder
}
