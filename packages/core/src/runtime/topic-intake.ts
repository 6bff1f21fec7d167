/**
 * From bytes of a source partition to a batch: decode, key column, tombstones, event time.
 *
 * First stop of every record read from a topic; the task hands in what the fetcher gave and sends
 * on what comes out. A record that cannot be decoded goes to the topic's policy with topic,
 * partition, offset, field, expected and got.
 */
import { isDeepStrictEqual } from 'node:util'
import { Batch, type RecordColumns } from '../batch/batch.ts'
import { BytesColumn, type CellValue, type Column, StringColumn } from '../batch/column.ts'
import { MillraceError } from '../errors.ts'
import type { OperatorContext } from '../operator/operator.ts'
import type { TopicInput } from '../operator/pipeline.ts'
import { t } from '../schema/data-type.ts'
import { Schema } from '../schema/schema.ts'
import { string } from '../serde/scalars.ts'
import type { ByteRanges, DecodeFailure, Decoder } from '../serde/serde.ts'
import { plainRecord } from '../transport/plain-record.ts'
import type { RawBatch } from '../transport/raw-records.ts'
import { decodeHeaders } from '../transport/record-headers.ts'
import { bitmapBytes, getBit, setBit } from '../util/bitmap.ts'
import { stampEventTime } from './event-time.ts'
import type { SourceClock } from './source-clock.ts'

const KEY_BYTES = t.bytes().nullable()

type TextRanges = Pick<StringColumn, 'data' | 'start' | 'size' | 'validity'>

export class TopicIntake {
  readonly #input: TopicInput
  readonly #decoder: Decoder
  readonly #keyDecoder: Decoder | null
  readonly #clock: SourceClock
  readonly #context: OperatorContext

  constructor(input: TopicInput, clock: SourceClock, context: OperatorContext) {
    this.#input = input
    this.#decoder = input.decoder()
    this.#keyDecoder = input.key?.serde.decoder('all') ?? null
    this.#clock = clock
    this.#context = context
  }

  /** What must be waited for before `take`; undefined = nothing. */
  prepare(raw: RawBatch): Promise<unknown> | undefined {
    const value = this.#decoder.prepare?.(valueRanges(raw))
    const key = this.#keyDecoder?.prepare?.(keyRanges(raw))
    if (value === undefined || key === undefined) return value ?? key
    return Promise.all([value, key])
  }

  take(raw: RawBatch): Batch {
    const { count } = raw
    const decoded = this.#decoder.decode(valueRanges(raw))
    const failed = new Set<number>()
    this.#report(raw, decoded.failures, failed)
    const records = recordColumns(raw)
    let batch = new Batch({ ...decoded, records, selection: null })
    if (this.#keyDecoder !== null) batch = this.#withKeyColumn(batch, raw, failed)
    if (failed.size > 0) batch = batch.with({ selection: without(count, failed) })
    const { topic, timestamp, onError } = this.#input
    const guard = { step: topic, policy: onError, context: this.#context }
    return stampEventTime(batch, timestamp, this.#clock, guard)
  }

  #withKeyColumn(batch: Batch, raw: RawBatch, failed: Set<number>): Batch {
    const key = this.#input.key as NonNullable<TopicInput['key']>
    const { count } = raw
    const inValue = batch.columns[batch.schema.indexOf(key.column)]
    if (!key.isAdded && key.serde === string() && isTextOf(raw, inValue)) return batch
    const decoded = (this.#keyDecoder as Decoder).decode(keyRanges(raw))
    const column = decoded.columns[0] as Column
    const unreadable = decoded.failures.map(failure => ({ ...failure, field: key.column }))
    this.#report(raw, unreadable, failed)
    for (let i = otherText(column, inValue, 0); i < count; i = otherText(column, inValue, i + 1)) {
      const error = failed.has(i) ? null : keyFault(batch, column, key, i)
      if (error !== null) this.#fail(raw, i, error, failed)
    }
    if (!key.isAdded) return batch
    const type = key.serde.type
    return batch.with({
      schema: new Schema([{ name: key.column, type }, ...batch.schema.fields], batch.schema.isOpen),
      columns: [column, ...batch.columns],
    })
  }

  #report(raw: RawBatch, failures: readonly DecodeFailure[], failed: Set<number>): void {
    for (const { index, field, code, expected, got } of failures) {
      if (failed.has(index)) continue
      const text =
        `expected ${expected}, got ${got}. ` +
        'Mend what writes the topic, or say what is done with such records: ' +
        'app.topic(…, { onError: deadLetter(…) }), or skip().'
      const error = new MillraceError(code, text, { field })
      this.#fail(raw, index, error, failed)
    }
  }

  #fail(raw: RawBatch, index: number, error: MillraceError, failed: Set<number>): void {
    failed.add(index)
    const { topic, partition, offsets } = raw
    const place = { topic, partition, offset: offsets[index] as number }
    const record = () => plainRecord(raw, index)
    this.#context.recordFailed(error.at(place), this.#input.onError, record)
  }
}

function valueRanges(raw: RawBatch): ByteRanges {
  const { count, data, valueStart, valueSize, headersStart, headersSize } = raw
  const headers = { start: headersStart, size: headersSize }
  return { count, data, start: valueStart, size: valueSize, headers }
}

function keyRanges(raw: RawBatch): ByteRanges {
  const { count, data, keyStart, keySize, headersStart, headersSize } = raw
  const headers = { start: headersStart, size: headersSize }
  return { count, data, start: keyStart, size: keySize, headers }
}

function keyFault(
  batch: Batch,
  column: Column,
  key: NonNullable<TopicInput['key']>,
  index: number,
): MillraceError | null {
  const inKey = column.get(index)
  if (inKey === null) {
    return new MillraceError(
      'NULL_KEY',
      `the record has no key, and the topic's keyColumn says it holds ${key.column}.`,
      { field: key.column },
    )
  }
  const position = batch.schema.indexOf(key.column)
  if (position < 0 || batch.isTombstone(index)) return null
  const inValue = (batch.columns[position] as Column).get(index)
  if (isSameCell(inValue, inKey)) return null
  return new MillraceError(
    'KEY_MISMATCH',
    'the record key and the value column that holds it differ. ' +
      'Take keyColumn away, or mend what writes the topic.',
    { field: key.column },
  )
}

/**
 * Whether all keys are the bytes of the column's text, so that they need no look of their own.
 * Perf: keys are neither checked to be text nor made a column then.
 */
function isTextOf(raw: RawBatch, column: Column | undefined): boolean {
  if (!(column instanceof StringColumn)) return false
  const keys = { data: raw.data, start: raw.keyStart, size: raw.keySize, validity: null }
  return firstOther(keys, column, 0, raw.count) === raw.count
}

/**
 * The first cell from `from` on, or the end, that is not the same bytes of text on both sides;
 * without making text of them.
 */
function otherText(left: Column, right: Column | undefined, from: number): number {
  if (!(left instanceof StringColumn && right instanceof StringColumn)) return from
  return firstOther(left, right, from, left.length)
}

/** The first of the ranges, or `to`, that is null or has not the same bytes on both sides. */
function firstOther(left: TextRanges, right: TextRanges, from: number, to: number): number {
  const { data: leftData, start: leftStart, size: leftSize, validity: leftBits } = left
  const { data: rightData, start: rightStart, size: rightSize, validity: rightBits } = right
  const leftView = new DataView(leftData.buffer, leftData.byteOffset, leftData.byteLength)
  const rightView = new DataView(rightData.buffer, rightData.byteOffset, rightData.byteLength)
  for (let index = from; index < to; index++) {
    if (leftBits !== null && !getBit(leftBits, index)) return index
    if (rightBits !== null && !getBit(rightBits, index)) return index
    const size = leftSize[index] as number
    if (size !== rightSize[index]) return index
    let at = leftStart[index] as number
    const apart = (rightStart[index] as number) - at
    const end = at + size
    let difference = 0
    if (size >= 4) {
      // Perf: four bytes at a time, the last ones first, and one question for all: 0.84 of the time
      // of a question for each, with keys of 12 bytes.
      const last = end - 4
      difference = leftView.getInt32(last, true) ^ rightView.getInt32(last + apart, true)
      for (; at < last; at += 4) {
        difference |= leftView.getInt32(at, true) ^ rightView.getInt32(at + apart, true)
      }
    } else {
      for (; at < end; at++) {
        difference |= (leftData[at] as number) ^ (rightData[at + apart] as number)
      }
    }
    if (difference !== 0) return index
  }
  return to
}

/** The same value, whatever it is held as: a 64-bit integer is a bigint or a number. */
function isSameCell(left: CellValue, right: CellValue): boolean {
  if (left instanceof Uint8Array && right instanceof Uint8Array) {
    return Buffer.compare(left, right) === 0
  }
  if (typeof left === 'bigint' && typeof right === 'number') return left === BigInt(right)
  if (typeof left === 'number' && typeof right === 'bigint') return BigInt(left) === right
  if (typeof left === 'object' && typeof right === 'object') return isDeepStrictEqual(left, right)
  return left === right
}

function recordColumns(raw: RawBatch): RecordColumns {
  const { count, headersSize, keySize, valueSize } = raw
  // Perf: mostly there is none of it; one question for all records.
  let headers = 0
  let keys = 0
  let values = 0
  for (let i = 0; i < count; i++) {
    headers |= headersSize[i] as number
    keys |= keySize[i] as number
    values |= valueSize[i] as number
  }
  const hasHeaders = headers > 0
  const tombstones = values < 0 ? bitsOf(count, i => (valueSize[i] as number) < 0) : null
  const keyValidity = keys < 0 ? bitsOf(count, i => (keySize[i] as number) >= 0) : null
  const ranges = { data: raw.data, start: raw.keyStart, size: raw.keySize }
  return {
    topic: raw.topic,
    partition: raw.partition,
    keys: new BytesColumn(KEY_BYTES, ranges, keyValidity),
    timestamps: raw.timestamps,
    offsets: raw.offsets,
    watermarks: new Float64Array(count),
    headers: hasHeaders ? Array.from({ length: count }, (_, i) => decodeHeaders(raw, i)) : null,
    tombstones,
    origin: { read: index => plainRecord(raw, index), indices: null },
  }
}

function bitsOf(count: number, isSet: (index: number) => boolean): Uint8Array {
  const bits = new Uint8Array(bitmapBytes(count))
  for (let i = 0; i < count; i++) if (isSet(i)) setBit(bits, i)
  return bits
}

function without(count: number, failed: ReadonlySet<number>): Int32Array {
  const kept = new Int32Array(count - failed.size)
  let at = 0
  for (let i = 0; i < count; i++) if (!failed.has(i)) kept[at++] = i
  return kept
}
