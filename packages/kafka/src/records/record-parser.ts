/**
 * Records of inflated batches to positions: the inner loop of reading.
 *
 * Perf: one pass, numbers only. A size that does not fit what is left of its record, and a record
 * that does not end where it says, are RangeErrors; nothing behind `end` is ever looked at twice.
 * Plain records are read in WebAssembly (record-walk.ts); `parse` is the clear version, which reads
 * the others and says what is wrong.
 */
import type { RawBatch } from '@millrace/core'
import { COLUMNS_BYTES, type RecordWalk, recordWalk } from './record-walk.ts'

/** What is left of a batch. */
export interface Segment {
  at: number
  end: number
  /** Records; 0 = none is given, and the position goes behind it. */
  left: number
  readonly baseOffset: number
  readonly firstTimestamp: number
  /** Of all records; null = each has its own. */
  readonly appendTimestamp: number | null
  readonly nextOffset: number
}

export interface ParsePlace {
  readonly topic: string
  readonly partition: number
  /** Records before it were given already. */
  readonly from: number
}

type Columns = Pick<
  RawBatch,
  'keyStart' | 'keySize' | 'valueStart' | 'valueSize' | 'headersStart' | 'headersSize'
> &
  Pick<RawBatch, 'timestamps' | 'offsets'>

/** Bytes of a record at least: length, attributes, two deltas, two sizes, number of headers. */
const RECORD_BYTES_MIN = 7

/** Where `varint` reads, and where it has come to. */
let position = 0

export class RecordParser {
  readonly #walk: RecordWalk | null

  /** @param walk null: all records are read by the clear version */
  constructor(walk: RecordWalk | null = recordWalk()) {
    this.#walk = walk
  }

  /** Takes records off the segments, which are of one buffer; drops those that are done. */
  take(data: Buffer, segments: Segment[], recordsMax: number, place: ParsePlace): RawBatch {
    const room = roomOf(segments, recordsMax)
    const walk = this.#walk?.begin(data, segments, room) ? this.#walk : null
    const made = () => columnsOf(walk?.columns() ?? new ArrayBuffer(room * COLUMNS_BYTES), room)
    let columns: Columns | null = null
    let { from } = place
    let count = 0
    let segment = segments[0]
    while (segment !== undefined && (count < recordsMax || segment.left === 0)) {
      if (segment.left > 0 && walk !== null && columns === null) {
        count = walk.take(data, segment, count, from)
      }
      // The walk has stopped before something unusual.
      if (segment.left > 0 && count < recordsMax) {
        columns ??= made()
        count += parse(data, segment, columns, count, recordsMax, from)
      }
      if (segment.left > 0) break
      if (segment.at !== segment.end) throw new RangeError('bytes behind the last record')
      from = Math.max(from, segment.nextOffset)
      segments.shift()
      segment = segments[0]
    }
    columns ??= made()
    if (count > 0) from = Math.max(from, (columns.offsets[count - 1] as number) + 1)
    const { topic, partition } = place
    return { topic, partition, count, data, ...trimmed(columns, count), nextOffset: from }
  }

  controlType(data: Buffer, start: number, end: number): number {
    position = start
    const size = varint(data)
    if (size < RECORD_BYTES_MIN || position + size > end) throw new RangeError('no control record')
    position++
    varlong(data)
    varint(data)
    const keySize = varint(data)
    if (keySize < 4 || position + keySize > end) throw new RangeError('no control record')
    return data.readInt16BE(position + 2)
  }
}

function roomOf(segments: readonly Segment[], recordsMax: number): number {
  let records = 0
  for (const { left, at, end } of segments) {
    records += Math.min(left, Math.floor((end - at) / RECORD_BYTES_MIN))
    if (records >= recordsMax) return recordsMax
  }
  return records
}

// Clear version:
/** Gives how many records were added; those before `from` are passed over. */
function parse(
  data: Buffer,
  segment: Segment,
  columns: Columns,
  first: number,
  recordsMax: number,
  from: number,
): number {
  const { keyStart, keySize, valueStart, valueSize, headersStart, headersSize } = columns
  const { timestamps, offsets } = columns
  const { baseOffset, firstTimestamp, appendTimestamp, end, nextOffset } = segment
  let i = first
  let left = segment.left
  position = segment.at
  while (left > 0 && i < recordsMax) {
    const size = varint(data)
    const recordEnd = position + size
    if (size < RECORD_BYTES_MIN - 1 || recordEnd > end) throw new RangeError('a record cut off')
    position++
    const timestamp = firstTimestamp + varlong(data)
    const offset = baseOffset + varint(data)
    keySize[i] = sizeWithin(data, recordEnd)
    keyStart[i] = position
    position += Math.max(0, keySize[i] as number)
    valueSize[i] = sizeWithin(data, recordEnd)
    valueStart[i] = position
    position += Math.max(0, valueSize[i] as number)
    headersStart[i] = position
    const headers = varint(data)
    headersSize[i] = headers === 0 ? 0 : recordEnd - (headersStart[i] as number)
    if (headers !== 0) checkHeaders(data, headers, recordEnd)
    if (position !== recordEnd) throw new RangeError('a record that does not end where it says')
    if (offset >= nextOffset || offset < baseOffset) throw new RangeError(`offset ${offset}`)
    left--
    if (offset < from) continue
    timestamps[i] = appendTimestamp ?? timestamp
    offsets[i] = offset
    i++
  }
  segment.left = left
  segment.at = position
  return i - first
}

/** Of a key or a value, which something follows. */
function sizeWithin(data: Buffer, recordEnd: number): number {
  const size = varint(data)
  if (size < -1 || position + size >= recordEnd) throw new RangeError(`a part of ${size} bytes`)
  return size
}

function checkHeaders(data: Buffer, count: number, end: number): void {
  if (count < 0) throw new RangeError(`${count} headers`)
  for (let i = 0; i < count; i++) {
    const nameBytes = varint(data)
    if (nameBytes < 0 || position + nameBytes >= end) throw new RangeError('a header cut off')
    position += nameBytes
    const valueBytes = varint(data)
    if (valueBytes < -1 || position + valueBytes > end) throw new RangeError('a header cut off')
    if (valueBytes > 0) position += valueBytes
  }
}

function varint(data: Buffer): number {
  let byte = data[position++] as number
  if (byte < 128) return (byte >>> 1) ^ -(byte & 1)
  let value = byte & 127
  for (let shift = 7; shift < 35; shift += 7) {
    byte = data[position++] as number
    value |= (byte & 127) << shift
    if (byte < 128) return (value >>> 1) ^ -(value & 1)
  }
  throw new RangeError('a number that does not end')
}

/** Exact within 2^53, which timestamps and their differences are. */
function varlong(data: Buffer): number {
  const start = position
  let byte = data[position++] as number
  if (byte < 128) return (byte >>> 1) ^ -(byte & 1)
  let value = byte & 127
  for (let shift = 7; shift < 28; shift += 7) {
    byte = data[position++] as number
    value |= (byte & 127) << shift
    if (byte < 128) return (value >>> 1) ^ -(value & 1)
  }
  position = start
  return longVarlong(data)
}

function longVarlong(data: Buffer): number {
  let value = 0n
  for (let shift = 0n; shift < 70n; shift += 7n) {
    const byte = data[position++]
    if (byte === undefined) break
    value |= BigInt(byte & 127) << shift
    if (byte < 128) return Number(BigInt.asIntN(64, (value >> 1n) ^ -(value & 1n)))
  }
  throw new RangeError('a number that does not end')
}

/** One buffer for all columns of a batch: one thing for the collector instead of eight. */
function columnsOf(buffer: ArrayBuffer, count: number): Columns {
  const numbers = (nth: number) => new Float64Array(buffer, nth * 8 * count, count)
  const positions = (nth: number) => new Int32Array(buffer, (16 + nth * 4) * count, count)
  return {
    timestamps: numbers(0),
    offsets: numbers(1),
    keyStart: positions(0),
    keySize: positions(1),
    valueStart: positions(2),
    valueSize: positions(3),
    headersStart: positions(4),
    headersSize: positions(5),
  }
}

function trimmed(columns: Columns, count: number): Columns {
  if (columns.offsets.length === count) return columns
  const entries = Object.entries(columns).map(([name, column]) => [name, column.subarray(0, count)])
  return Object.fromEntries(entries) as Columns
}
