/**
 * Record headers in the form they have inside a Kafka record batch; see `RawRecords`.
 *
 *   headers = varint count, then count times header
 *   header  = varint name size · name (UTF-8) · varint value size · value
 *
 * Varints are zig-zag; value size -1 = null value. Order and duplicates are kept. No headers are
 * zero bytes here, not a zero count, so that a record without headers costs nothing. Every count
 * and size is checked against the bytes there are before anything is made from it.
 */
import { MillraceError } from '../errors.ts'
import { type Header, type Headers, NO_HEADERS } from '../record/headers.ts'
import { ByteReader } from '../util/byte-reader.ts'
import type { ByteWriter } from '../util/byte-writer.ts'
import type { RawBatch, RawRecords } from './raw-records.ts'

/** A header is at least its two sizes. */
const HEADER_BYTES_MIN = 2

export function encodeHeaders(headers: Headers, out: ByteWriter): void {
  if (headers.length === 0) return
  out.signed(headers.length)
  for (const { name, value } of headers) {
    out.signed(Buffer.byteLength(name))
    out.text(name)
    if (value === null) out.signed(-1)
    else {
      out.signed(value.length)
      out.bytes(value)
    }
  }
}

/**
 * The headers of record `index`; values are views into `raw.data`.
 * @throws DECODE_FAILED when the bytes are not headers.
 */
export function decodeHeaders(raw: RawRecords | RawBatch, index: number): Headers {
  const size = raw.headersSize[index] as number
  if (size === 0) return NO_HEADERS
  const start = raw.headersStart[index] as number
  try {
    return readHeaders(new ByteReader(raw.data.subarray(start, start + size), 'record headers'))
  } catch (cause) {
    const place =
      'topic' in raw
        ? { topic: raw.topic, partition: raw.partition, offset: raw.offsets[index] }
        : {}
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new MillraceError(
      'DECODE_FAILED',
      `the ${size} bytes of headers of a record are not Kafka record headers: ${reason}`,
      { ...place, cause },
    )
  }
}

function readHeaders(reader: ByteReader): Headers {
  const count = reader.signed()
  if (count < 0 || count * HEADER_BYTES_MIN > reader.left) {
    throw new Error(`expected a count that fits ${reader.left} bytes, got ${count}.`)
  }
  const headers: Header[] = []
  for (let i = 0; i < count; i++) {
    const name = reader.text(reader.signed())
    const valueSize = reader.signed()
    headers.push({ name, value: valueSize === -1 ? null : reader.bytes(valueSize) })
  }
  if (reader.left > 0) throw new Error(`expected ${count} headers, got ${reader.left} bytes more.`)
  return headers
}
