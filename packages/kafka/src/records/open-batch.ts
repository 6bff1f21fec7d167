/**
 * A record batch that grows: the other direction of record-batch-reader.ts, where the format
 * stands. Records are appended from their positions, with no object per record, and the batch is
 * sealed once: compressed, given its producer and sequence, and its CRC.
 */
import { MillraceError, type RawRecords } from '@millrace/core'
import { crc32c } from '@node-rs/crc32'
import { DEFLATES } from './codecs/deflate.ts'
import type { OutgoingRows } from './outgoing-rows.ts'
import type { RecordWriter } from './record-writer.ts'

export interface BatchOptions {
  /** Number of the codec: 0 none, 1 gzip, 2 snappy, 3 lz4, 4 zstd. */
  readonly codec: number
  /** Of a whole batch; more only where one record alone is larger. */
  readonly bytesMax: number
  /** Of a batch of one record. */
  readonly recordBytesMax: number
}

export interface BatchProducer {
  readonly producerId: bigint
  readonly epoch: number
  /** Of the first record. */
  readonly sequence: number
  readonly isTransactional: boolean
}

const HEAD_BYTES = 61
const TRANSACTIONAL = 16
const START_BYTES = 16 * 1024
/** Below this a loop is faster than a call that copies. */
const SHORT_BYTES = 24
/** No date is greater (ECMA-262, 21.4.1.1). */
const TIMESTAMP_MAX = 8.64e15

/** Where bytes are written, of whichever batch is being appended to. */
let position = 0

export class OpenBatch {
  readonly #options: BatchOptions
  #bytes = Buffer.allocUnsafe(START_BYTES)
  #size = HEAD_BYTES
  #count = 0
  #first = 0
  #greatest = 0

  /** @throws NOT_SUPPORTED for a codec that this version of Node cannot write. */
  constructor(options: BatchOptions) {
    if (DEFLATES[options.codec] === undefined) {
      throw new MillraceError(
        'NOT_SUPPORTED',
        `codec ${options.codec} cannot be written by Node ${process.versions.node}: expected 0 ` +
          '(none), 1 (gzip), 2 (snappy), 3 (lz4) or, from Node 22.15 on, 4 (zstd).',
      )
    }
    this.#options = options
  }

  get count(): number {
    return this.#count
  }

  /** Before compression. */
  get size(): number {
    return this.#size
  }

  /**
   * Appends record `row` of others. False: there is no room for it; in an empty batch that means
   * that it is larger than any record may be.
   * @throws ENCODE_FAILED for a time that is none
   */
  append(records: RawRecords, row: number): boolean {
    const timestamp = checkedTimestamp(records.timestamps[row] as number)
    if (this.#count === 0) this.#first = timestamp
    const delta = timestamp - this.#first
    const bytes = bodyBytes(records, row, delta, this.#count)
    const end = this.#size + varintBytes(bytes) + bytes
    const { bytesMax, recordBytesMax } = this.#options
    if (end > (this.#count === 0 ? recordBytesMax : bytesMax)) return false
    if (end > this.#bytes.length) this.#grow(end)
    position = this.#size
    writeVarint(this.#bytes, bytes)
    writeRecord(this.#bytes, records, row, delta, this.#count)
    this.#size = end
    this.#greatest = this.#count === 0 ? timestamp : Math.max(this.#greatest, timestamp)
    this.#count++
    return true
  }

  /**
   * Appends records of a write from `from` on, as far as there is room.
   * @param from to which of its rows
   * @returns behind which row it ended; in front of `to`: there was no room for that row, as
   *   `append` tells
   * @throws ENCODE_FAILED for a time that is none
   */
  appendRows({ records, rows, writer }: OutgoingRows, from: number, to: number): number {
    let at = from
    while (at < to) {
      // Perf: records of 60 bytes, 2,048 a write, take a third of the CPU of those one by one, with
      // the sums of the batches in both (in turns, on a busy machine).
      if (writer !== null && this.#count > 0) at += this.#appendMany(writer, at, to)
      if (at === to || !this.append(records, rows[at] as number)) break
      at++
    }
    return at
  }

  #appendMany(writer: RecordWriter, from: number, to: number): number {
    const many = writer.append(from, to, {
      first: this.#first,
      latest: this.#greatest,
      count: this.#count,
      size: this.#size,
      bytesMax: this.#options.bytesMax,
    })
    const { written } = writer
    const end = this.#size + written.length
    if (end > this.#bytes.length) this.#grow(end)
    this.#bytes.set(written, this.#size)
    this.#size = end
    this.#greatest = writer.latest
    this.#count += many
    return many
  }

  /** The batch as it is sent. Nothing may be appended behind it. */
  seal(producer: BatchProducer): Buffer {
    const plain = this.#bytes.subarray(0, this.#size)
    this.#writeHead(plain, producer)
    const { codec } = this.#options
    const body = DEFLATES[codec]?.(plain.subarray(HEAD_BYTES))
    // What does not get smaller stays as it is, so that the bound of bytes holds.
    if (body === undefined || body.length >= plain.length - HEAD_BYTES) return withSums(plain)
    const packed = Buffer.allocUnsafe(HEAD_BYTES + body.length)
    plain.copy(packed, 0, 0, HEAD_BYTES)
    body.copy(packed, HEAD_BYTES)
    packed.writeInt16BE(packed.readInt16BE(21) | codec, 21)
    return withSums(packed)
  }

  #writeHead(bytes: Buffer, producer: BatchProducer): void {
    bytes.fill(0, 0, HEAD_BYTES)
    bytes.writeInt32BE(-1, 12)
    bytes[16] = 2
    bytes.writeInt16BE(producer.isTransactional ? TRANSACTIONAL : 0, 21)
    bytes.writeInt32BE(this.#count - 1, 23)
    bytes.writeBigInt64BE(BigInt(this.#first), 27)
    bytes.writeBigInt64BE(BigInt(this.#greatest), 35)
    bytes.writeBigInt64BE(producer.producerId, 43)
    bytes.writeInt16BE(producer.epoch, 51)
    bytes.writeInt32BE(producer.sequence, 53)
    bytes.writeInt32BE(this.#count, 57)
  }

  #grow(bytesMin: number): void {
    const { bytesMax } = this.#options
    const doubled = Math.min(this.#bytes.length * 2, bytesMax)
    const grown = Buffer.allocUnsafe(Math.max(doubled, bytesMin))
    this.#bytes.copy(grown, 0, 0, this.#size)
    this.#bytes = grown
  }
}

function withSums(bytes: Buffer): Buffer {
  bytes.writeInt32BE(bytes.length - 12, 8)
  bytes.writeUInt32BE(crc32c(bytes.subarray(21)), 17)
  return bytes
}

function checkedTimestamp(timestamp: number): number {
  const whole = Math.trunc(timestamp)
  if (whole >= -1 && whole <= TIMESTAMP_MAX) return whole
  throw new MillraceError(
    'ENCODE_FAILED',
    `a record has the time ${timestamp}: expected milliseconds since 1970, at most ` +
      `${TIMESTAMP_MAX}, or -1 for none. Correct the column that gives the time.`,
  )
}

/** Of a record behind its length. */
function bodyBytes(records: RawRecords, row: number, delta: number, offset: number): number {
  const keySize = records.keySize[row] as number
  const valueSize = records.valueSize[row] as number
  return (
    1 +
    varintBytes(delta) +
    varintBytes(offset) +
    varintBytes(keySize) +
    Math.max(0, keySize) +
    varintBytes(valueSize) +
    Math.max(0, valueSize) +
    Math.max(1, records.headersSize[row] as number)
  )
}

/** Behind its length. */
function writeRecord(
  out: Buffer,
  records: RawRecords,
  row: number,
  delta: number,
  offset: number,
): void {
  const { data } = records
  const keySize = records.keySize[row] as number
  const valueSize = records.valueSize[row] as number
  const headersSize = records.headersSize[row] as number
  out[position++] = 0
  writeVarint(out, delta)
  writeVarint(out, offset)
  writeVarint(out, keySize)
  if (keySize > 0) writeBytes(out, data, records.keyStart[row] as number, keySize)
  writeVarint(out, valueSize)
  if (valueSize > 0) writeBytes(out, data, records.valueStart[row] as number, valueSize)
  if (headersSize > 0) writeBytes(out, data, records.headersStart[row] as number, headersSize)
  else out[position++] = 0
}

function writeBytes(out: Buffer, data: Buffer, start: number, size: number): void {
  if (size > SHORT_BYTES) data.copy(out, position, start, start + size)
  else for (let i = 0; i < size; i++) out[position + i] = data[start + i] as number
  position += size
}

// A zig-zag varint is the sign and six bits of the magnitude, then seven bits a byte: so every
// whole number up to 2^53 is exact, without a bigint.

function varintBytes(value: number): number {
  const magnitude = value < 0 ? -value - 1 : value
  let bytes = 1
  for (let bound = 64; magnitude >= bound; bound *= 128) bytes++
  return bytes
}

function writeVarint(out: Buffer, value: number): void {
  const sign = value < 0 ? 1 : 0
  let left = value < 0 ? -value - 1 : value
  let byte = (left % 64) * 2 + sign
  left = Math.floor(left / 64)
  while (left > 0) {
    out[position++] = byte | 128
    byte = left % 128
    left = Math.floor(left / 128)
  }
  out[position++] = byte
}
