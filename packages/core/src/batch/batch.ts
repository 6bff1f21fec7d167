/**
 * The only thing that moves between operators: the columns of many records of one topic-partition.
 *
 * A batch never changes. A filter makes a new selection over the same columns; a projection makes
 * new columns with the same selection. `selection` lists the physical indices of the records that
 * are still in, ascending; null = all. What belongs to the record and not to its value (key,
 * timestamp, …) is in `records`.
 *
 * A tombstone is a record with a null value: its cells are null in every column, filters keep it,
 * functions do not see it, outputs pass it on as a null value, aggregates ignore it.
 */
import { type Headers, NO_HEADERS } from '../record/headers.ts'
import type { PlainRecord } from '../record/plain-record.ts'
import type { Schema } from '../schema/schema.ts'
import { bitmapBytes, getBit, setBit } from '../util/bitmap.ts'
import type { BytesColumn, CellValue, Column, JsonColumn } from './column.ts'

/** Headers of each record; null = no record of the batch has any. */
export type HeadersColumn = readonly Headers[] | null

/** The part of each record that is not its value; all arrays have the batch's physical length. */
export interface RecordColumns {
  /** Where the records were read: the topic-partition that errors name. */
  readonly topic: string
  readonly partition: number
  /** Record keys as bytes; null cell = null key. */
  readonly keys: BytesColumn
  /** Event time, epoch milliseconds. */
  readonly timestamps: Float64Array
  readonly offsets: Float64Array
  /** The watermark of the record's own source partition before it; -Infinity = never late. */
  readonly watermarks: Float64Array
  readonly headers: HeadersColumn
  /** Bitmap of records with a null value; null = none. */
  readonly tombstones: Uint8Array | null
  /** Missing: the records were made here and were never read as these bytes. */
  readonly origin?: RecordOrigin | undefined
}

/** The records as they were read; kept, and not looked into unless one fails. */
export interface RecordOrigin {
  /** Record `index` of those that were read. */
  readonly read: (index: number) => PlainRecord
  /** Which of them each record came from; null = the one at its own index. */
  readonly indices: Int32Array | null
}

export interface BatchParts {
  readonly schema: Schema
  /** One column per field of the schema, in its order. */
  readonly columns: readonly Column[]
  /**
   * Open schemas: the whole value of each record as an object, for the columns that are not
   * declared.
   */
  readonly rest: JsonColumn | null
  readonly records: RecordColumns
  readonly selection: Int32Array | null
}

export class Batch implements BatchParts {
  readonly schema: Schema
  readonly columns: readonly Column[]
  readonly rest: JsonColumn | null
  readonly records: RecordColumns
  readonly selection: Int32Array | null
  /** Physical records, selected or not. */
  readonly length: number
  /** Selected records. */
  readonly count: number

  constructor(parts: BatchParts) {
    this.schema = parts.schema
    this.columns = parts.columns
    this.rest = parts.rest
    this.records = parts.records
    this.selection = parts.selection
    this.length = parts.records.timestamps.length
    this.count = parts.selection === null ? this.length : parts.selection.length
  }

  /** Physical index of the nth selected record. */
  at(nth: number): number {
    return this.selection === null ? nth : (this.selection[nth] as number)
  }

  isTombstone(index: number): boolean {
    const { tombstones } = this.records
    return tombstones !== null && getBit(tombstones, index)
  }

  headers(index: number): Headers {
    return this.records.headers?.[index] ?? NO_HEADERS
  }

  /** The same batch with some parts replaced. */
  with(parts: Partial<BatchParts>): Batch {
    return new Batch({ ...this.parts(), ...parts })
  }

  private parts(): BatchParts {
    const { schema, columns, rest, records, selection } = this
    return { schema, columns, rest, records, selection }
  }
}

/** The parts of records at `indices` of another batch, in that order; repeats allowed (flatMap). */
export function gatherRecords(records: RecordColumns, indices: Int32Array): RecordColumns {
  const { tombstones, headers } = records
  if (isEachOnce(indices, records.timestamps.length)) return records
  return {
    topic: records.topic,
    partition: records.partition,
    keys: gatherRanges(records.keys, indices),
    timestamps: gatherNumbers(records.timestamps, indices),
    offsets: gatherNumbers(records.offsets, indices),
    watermarks: gatherNumbers(records.watermarks, indices),
    headers: headers === null ? null : Array.from(indices, i => headers[i] ?? NO_HEADERS),
    tombstones: tombstones === null ? null : gatherBits(tombstones, indices),
    origin: gatherOrigin(records.origin, indices),
  }
}

/** All records in their order: what a function gives that makes one row of each. */
function isEachOnce(indices: Int32Array, length: number): boolean {
  if (indices.length !== length) return false
  for (let i = 0; i < length; i++) if (indices[i] !== i) return false
  return true
}

/** A loop: `Float64Array.from` calls a function for each. */
function gatherNumbers(values: Float64Array, indices: Int32Array): Float64Array {
  const gathered = new Float64Array(indices.length)
  for (let i = 0; i < indices.length; i++) gathered[i] = values[indices[i] as number] as number
  return gathered
}

function gatherIntegers(values: Int32Array, indices: Int32Array): Int32Array<ArrayBuffer> {
  const gathered = new Int32Array(indices.length)
  for (let i = 0; i < indices.length; i++) gathered[i] = values[indices[i] as number] as number
  return gathered
}

function gatherOrigin(
  origin: RecordOrigin | undefined,
  indices: Int32Array,
): RecordOrigin | undefined {
  if (origin === undefined) return undefined
  const { read, indices: before } = origin
  return { read, indices: before === null ? indices : gatherIntegers(before, indices) }
}

function gatherRanges(column: BytesColumn, indices: Int32Array): BytesColumn {
  const start = gatherIntegers(column.start, indices)
  const size = gatherIntegers(column.size, indices)
  const { validity } = column
  const Constructor = column.constructor as typeof BytesColumn
  return new Constructor(
    column.type,
    { data: column.data, start, size },
    validity === null ? null : gatherBits(validity, indices),
  )
}

function gatherBits(bits: Uint8Array, indices: Int32Array): Uint8Array {
  const gathered = new Uint8Array(bitmapBytes(indices.length))
  for (let i = 0; i < indices.length; i++) {
    if (getBit(bits, indices[i] as number)) setBit(gathered, i)
  }
  return gathered
}

/**
 * The cell of a column by name; undeclared columns of an open batch are looked up in the record's
 * value.
 */
export function cellOf(batch: Batch, name: string, index: number): CellValue {
  const position = batch.schema.indexOf(name)
  if (position >= 0) return (batch.columns[position] as Column).get(index)
  const value = batch.rest?.get(index)
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return null
  return ((value as Record<string, CellValue>)[name] ?? null) as CellValue
}
