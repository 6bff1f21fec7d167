/**
 * Record batches from positions: the other direction of record-batch-reader.ts, where the format
 * stands. No object per record; one buffer per batch, of the right size.
 *
 * A batch is made for no producer. Who sends it is patched in by `setProducer` when it is sent, and
 * again when it is sent anew: only the CRC is computed again.
 */
import { MillraceError, type RawRecords } from '@millrace/core'
import { crc32c } from '@node-rs/crc32'
import { DEFLATES } from './codecs/deflate.ts'

export interface WriterOptions {
  /** Number of the codec: 0 none, 1 gzip, 2 snappy, 3 lz4, 4 zstd. */
  readonly codec: number
  /** Of a whole batch; never exceeded, compressed or not. */
  readonly bytesMax: number
}

export interface WrittenBatch {
  readonly bytes: Buffer
  /** Records in it; 0 = the first one alone is larger than a batch may be. */
  readonly count: number
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
const NOTHING: WrittenBatch = { bytes: Buffer.alloc(0), count: 0 }
/** Below this a loop is faster than a call that copies. */
const SHORT_BYTES = 24
/** No date is greater (ECMA-262, 21.4.1.1). */
const TIMESTAMP_MAX = 8.64e15

/** Where records are written. */
let position = 0

export class RecordBatchWriter {
  readonly #topic: string
  readonly #options: WriterOptions

  /** @throws NOT_SUPPORTED for a codec that this version of Node cannot write. */
  constructor(topic: string, options: WriterOptions) {
    if (DEFLATES[options.codec] === undefined) {
      throw new MillraceError(
        'NOT_SUPPORTED',
        `codec ${options.codec} cannot be written by Node ${process.versions.node}: expected 0 ` +
          '(none), 1 (gzip), 2 (snappy), 3 (lz4) or, from Node 22.15 on, 4 (zstd).',
        { topic },
      )
    }
    this.#topic = topic
    this.#options = options
  }

  /**
   * One batch of the records that `rows` names, from its place `from` on, as many as fit.
   * @throws ENCODE_FAILED for a time that is none
   */
  write(records: RawRecords, rows: Int32Array, from: number): WrittenBatch {
    const { codec, bytesMax } = this.#options
    let size = HEAD_BYTES
    let count = 0
    const first = this.#timestamp(records, rows[from] as number)
    let greatest = first
    for (let i = from; i < rows.length; i++) {
      const row = rows[i] as number
      const timestamp = this.#timestamp(records, row)
      const bytes = bodyBytes(records, row, timestamp - first, count)
      const next = size + varintBytes(bytes) + bytes
      if (next > bytesMax) break
      size = next
      count++
      if (timestamp > greatest) greatest = timestamp
    }
    if (count === 0) return NOTHING
    const plain = Buffer.allocUnsafe(size)
    position = HEAD_BYTES
    for (let i = 0; i < count; i++) {
      const row = rows[from + i] as number
      writeRecord(plain, records, row, (records.timestamps[row] as number) - first, i)
    }
    writeHead(plain, count, first, greatest)
    return { bytes: compressed(plain, codec), count }
  }

  #timestamp({ timestamps }: RawRecords, row: number): number {
    const timestamp = timestamps[row] as number
    if (Number.isInteger(timestamp) && timestamp >= -1 && timestamp <= TIMESTAMP_MAX) {
      return timestamp
    }
    throw new MillraceError(
      'ENCODE_FAILED',
      `a record has the time ${timestamp}: expected whole milliseconds since 1970, at most ` +
        `${TIMESTAMP_MAX}, or -1 for none. Correct the column that gives the time.`,
      { topic: this.#topic },
    )
  }
}

/** Says who sends the batch, in its own bytes. */
export function setProducer(bytes: Buffer, producer: BatchProducer): void {
  const attributes = bytes.readInt16BE(21)
  const isTransactional = producer.isTransactional ? TRANSACTIONAL : 0
  bytes.writeInt16BE((attributes & ~TRANSACTIONAL) | isTransactional, 21)
  bytes.writeBigInt64BE(producer.producerId, 43)
  bytes.writeInt16BE(producer.epoch, 51)
  bytes.writeInt32BE(producer.sequence, 53)
  seal(bytes)
}

function writeHead(bytes: Buffer, count: number, first: number, greatest: number): void {
  bytes.fill(0, 0, HEAD_BYTES)
  bytes.writeInt32BE(-1, 12)
  bytes[16] = 2
  bytes.writeInt32BE(count - 1, 23)
  bytes.writeBigInt64BE(BigInt(first), 27)
  bytes.writeBigInt64BE(BigInt(greatest), 35)
  bytes.writeBigInt64BE(-1n, 43)
  bytes.writeInt16BE(-1, 51)
  bytes.writeInt32BE(-1, 53)
  bytes.writeInt32BE(count, 57)
}

/** What does not get smaller stays as it is, so that the bound of bytes holds. */
function compressed(plain: Buffer, codec: number): Buffer {
  const body = DEFLATES[codec]?.(plain.subarray(HEAD_BYTES))
  if (body === undefined || body.length >= plain.length - HEAD_BYTES) return seal(plain)
  const bytes = Buffer.allocUnsafe(HEAD_BYTES + body.length)
  plain.copy(bytes, 0, 0, HEAD_BYTES)
  body.copy(bytes, HEAD_BYTES)
  bytes.writeInt16BE(codec, 21)
  return seal(bytes)
}

function seal(bytes: Buffer): Buffer {
  bytes.writeInt32BE(bytes.length - 12, 8)
  bytes.writeUInt32BE(crc32c(bytes.subarray(21)), 17)
  return bytes
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
  writeVarint(out, bodyBytes(records, row, delta, offset))
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
