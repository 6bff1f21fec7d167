/**
 * The contract of inputs that are not topics: arrays, files, tables.
 *
 * A source is a frozen description with partitions; a reader gives rows of one partition in a fixed
 * order from a position on, so that reading again from a position gives the same rows. `testSource`
 * is the exam.
 */
import type { Row } from '../batch/row.ts'
import type { Schema } from '../schema/schema.ts'
import type { ColumnsRead } from '../serde/serde.ts'
import type { Clock } from '../util/clock.ts'
import type { RecordsWanted } from './column-bound.ts'

/** A row of a source with what belongs to its record. */
export interface SourceRecord {
  /** Cells that fit the schema; the source has checked them (`toCell`). */
  readonly value: Row
  readonly key?: Uint8Array | null
  /** Event time in epoch milliseconds; when missing, the topic options' timestamp column or 0. */
  readonly timestamp?: number
}

export interface SourceChunk {
  readonly records: readonly SourceRecord[]
  /**
   * Records that were left out before the first of these, because they are not wanted: they count
   * in the running number of a record.
   */
  readonly leftOut?: number
  /**
   * Read from here next; opaque text of at most 1,000 ASCII characters that goes into the epoch
   * marker.
   */
  readonly position: string
  /** No record follows, now and for ever (a bounded source that was read whole). */
  readonly isEnd: boolean
  /**
   * No record comes before this wall time (epoch milliseconds by the clock of the context), so
   * nobody need ask. Missing: ask again.
   */
  readonly resumeAt?: number
}

/** What a reader may use of the run it is part of; all readers of a run are given the same. */
export interface SourceContext {
  readonly clock: Clock
  /** The columns that are looked at; a source need not give others. Missing: all. */
  readonly read?: ColumnsRead
  /** The records that are looked at; a source may leave out others. Missing: all. */
  readonly wanted?: RecordsWanted
}

export interface SourceReader {
  /**
   * Up to `recordsMax` records; none when there are none at the moment. Of 0 it gives the position
   * where the reader stands.
   * @throws DECODE_FAILED, TIMESTAMP_UNIT, OVERFLOW saying where, when the next row is bad: good
   *   ones before it come first. SOURCE_FAILED when the source cannot be read.
   */
  read(recordsMax: number): Promise<SourceChunk>
  /**
   * Steps over the row that the last `read` refused, and gives it as it was found, for a dead
   * letter; null when none was refused. Missing: a bad row can't be passed.
   */
  skipBad?(): Promise<Uint8Array | null>
  close(): Promise<void>
}

// biome-ignore lint/suspicious/noExplicitAny: a source of any row, as in Array<any>.
export interface Source<Row_ = any> {
  /** For plans and errors: `array`, `json-lines flights.jsonl`. */
  readonly name: string
  readonly schema: Schema<Row_>
  readonly isBounded: boolean
  readonly partitionCount: number
  /** Opens one partition at a position a chunk gave, or at its beginning (null). */
  open(partition: number, position: string | null, context?: SourceContext): Promise<SourceReader>
}
