/**
 * Snappy, raw as librdkafka writes it, or in the chunks of Java's client:
 *
 *   82 'SNAPPY' 00 | version i32 | compatible i32 | (size i32 | raw)*
 *   raw = varint size when inflated | bytes
 */
import { uncompressSync } from 'snappy'
import { type Codec, requireBound } from './codec.ts'

const XERIAL = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0])
const XERIAL_BYTES = 16

export const snappy: Codec = {
  name: 'snappy',
  inflate(bytes, bytesMax) {
    const isChunked = bytes.subarray(0, XERIAL.length).equals(XERIAL)
    return isChunked ? inflateChunks(bytes, bytesMax) : inflateRaw(bytes, bytesMax)
  },
}

function inflateRaw(bytes: Buffer, bytesMax: number): Buffer {
  requireBound(inflatedSize(bytes), bytesMax)
  return uncompressSync(bytes) as Buffer
}

function inflateChunks(bytes: Buffer, bytesMax: number): Buffer {
  const chunks: Buffer[] = []
  let left = bytesMax
  for (let at = XERIAL_BYTES; at < bytes.length; ) {
    const size = at + 4 <= bytes.length ? bytes.readInt32BE(at) : -1
    at += 4
    if (size < 0 || at + size > bytes.length) throw new Error('its snappy chunks end too early')
    const chunk = inflateRaw(bytes.subarray(at, at + size), left)
    left -= chunk.length
    chunks.push(chunk)
    at += size
  }
  return Buffer.concat(chunks)
}

function inflatedSize(bytes: Buffer): number {
  let size = 0
  for (let i = 0; i < 5; i++) {
    const byte = bytes[i]
    if (byte === undefined) break
    size += (byte & 0x7f) * 2 ** (7 * i)
    if (byte < 0x80) return size
  }
  throw new Error('it is no snappy block')
}
