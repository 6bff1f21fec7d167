/**
 * Builds records as columns of bytes, with no object per record.
 *
 * It is what outputs encode into and what the in-memory log is made of. A record is written in this
 * order, straight into `out`; a part that is left out is null (key, value) or empty (headers):
 *
 *   startKey · bytes to `out` · endKey · startValue · bytes to `out` · endValue ·
 *   headers · endRecord
 *
 * Bytes once written never move within `data` and are never overwritten, except by `abandon`, which
 * forgets the record under way.
 */
import { type Headers, NO_HEADERS } from '../record/headers.ts'
import { assert } from '../util/assert.ts'
import { ByteWriter } from '../util/byte-writer.ts'
import type { RawRecords } from './raw-records.ts'
import { encodeHeaders } from './record-headers.ts'
import { type RecordPositions, recordPositions } from './record-positions.ts'

const INITIAL_RECORDS = 64
/** Positions are signed 32-bit numbers. */
const DATA_BYTES_MAX = 0x7fffffff

export class RawRecordsBuilder {
  /** Where the bytes of the key or value under way are written. */
  readonly out: ByteWriter
  #positions: RecordPositions = recordPositions(INITIAL_RECORDS)
  #capacity = INITIAL_RECORDS
  #count = 0
  /** Where the record under way begins in `out`, and where its part under way does. */
  #recordStart = 0
  #partStart = 0

  constructor(capacityBytes = 1024) {
    this.out = new ByteWriter(capacityBytes)
    this.#blank()
  }

  /** Records ended so far. */
  get count(): number {
    return this.#count
  }

  /** Bytes of keys, values and headers so far. */
  get dataBytes(): number {
    return this.out.size
  }

  startKey(): void {
    this.#partStart = this.out.size
  }

  endKey(): void {
    this.#positions.keyStart[this.#count] = this.#partStart
    this.#positions.keySize[this.#count] = this.out.size - this.#partStart
  }

  startValue(): void {
    this.#partStart = this.out.size
  }

  endValue(): void {
    this.#positions.valueStart[this.#count] = this.#partStart
    this.#positions.valueSize[this.#count] = this.out.size - this.#partStart
  }

  /** Bytes of values of records to come; `value` says which is whose. Gives where they begin. */
  ahead(bytes: Uint8Array): number {
    const start = this.out.size
    this.out.bytes(bytes)
    this.#recordStart = this.out.size
    return start
  }

  /** The value of the record under way, of bytes that are there. */
  value(start: number, size: number): void {
    this.#positions.valueStart[this.#count] = start
    this.#positions.valueSize[this.#count] = size
  }

  headers(headers: Headers): void {
    this.startHeaders()
    encodeHeaders(headers, this.out)
    this.endHeaders()
  }

  /** For headers that are written to `out` as they are in a record. */
  startHeaders(): void {
    this.#partStart = this.out.size
  }

  endHeaders(): void {
    this.#positions.headersStart[this.#count] = this.#partStart
    this.#positions.headersSize[this.#count] = this.out.size - this.#partStart
  }

  /** @param timestamp epoch milliseconds. */
  endRecord(timestamp: number): void {
    assert(this.out.size <= DATA_BYTES_MAX, 'the records of one buffer stay under 2 GiB')
    this.#positions.timestamps[this.#count] = timestamp
    this.#count++
    if (this.#count === this.#capacity) this.#grow()
    this.#recordStart = this.out.size
    this.#blank()
  }

  /** Undoes the record under way, for example when its encoder has thrown. */
  abandon(): void {
    this.out.truncate(this.#recordStart)
    this.#blank()
  }

  /** Appends a record whose parts are at hand. */
  append(
    key: Uint8Array | null,
    value: Uint8Array | null,
    timestamp: number,
    headers: Headers = NO_HEADERS,
  ): void {
    if (key !== null) this.#key(key)
    if (value !== null) this.#value(value)
    this.headers(headers)
    this.endRecord(timestamp)
  }

  /** Appends record `index` of others, all of it. */
  copyRecord(raw: RawRecords, index: number): void {
    const keySize = raw.keySize[index] as number
    const valueSize = raw.valueSize[index] as number
    const headersSize = raw.headersSize[index] as number
    if (keySize >= 0) this.#key(range(raw.data, raw.keyStart[index] as number, keySize))
    if (valueSize >= 0) this.#value(range(raw.data, raw.valueStart[index] as number, valueSize))
    if (headersSize > 0) {
      this.#positions.headersStart[this.#count] = this.out.size
      this.#positions.headersSize[this.#count] = headersSize
      this.out.bytes(range(raw.data, raw.headersStart[index] as number, headersSize))
    }
    this.endRecord(raw.timestamps[index] as number)
  }

  /**
   * Records `from` to `to` (not in) without a copy; they stay as they are while more are appended.
   */
  view(from: number, to: number): RawRecords {
    const { keyStart, keySize, valueStart, valueSize } = this.#positions
    const { headersStart, headersSize, timestamps } = this.#positions
    return {
      count: to - from,
      data: this.out.view(),
      keyStart: keyStart.subarray(from, to),
      keySize: keySize.subarray(from, to),
      valueStart: valueStart.subarray(from, to),
      valueSize: valueSize.subarray(from, to),
      headersStart: headersStart.subarray(from, to),
      headersSize: headersSize.subarray(from, to),
      timestamps: timestamps.subarray(from, to),
    }
  }

  /**
   * The records, given away without a copy: the builder goes on empty. A record under way is
   * dropped.
   */
  build(): RawRecords {
    this.abandon()
    const built = this.view(0, this.#count)
    this.out.take()
    this.#positions = recordPositions(INITIAL_RECORDS)
    this.#capacity = INITIAL_RECORDS
    this.#count = 0
    this.#recordStart = 0
    this.#blank()
    return built
  }

  #key(key: Uint8Array): void {
    this.startKey()
    this.out.bytes(key)
    this.endKey()
  }

  #value(value: Uint8Array): void {
    this.startValue()
    this.out.bytes(value)
    this.endValue()
  }

  /** The next record begins with null key, null value, no headers. */
  #blank(): void {
    this.#positions.keySize[this.#count] = -1
    this.#positions.valueSize[this.#count] = -1
    this.#positions.headersSize[this.#count] = 0
  }

  #grow(): void {
    this.#capacity *= 2
    const grown = recordPositions(this.#capacity)
    for (const name of Object.keys(grown) as (keyof RecordPositions)[]) {
      grown[name].set(this.#positions[name])
    }
    this.#positions = grown
  }
}

function range(data: Buffer, start: number, size: number): Buffer {
  return data.subarray(start, start + size)
}
