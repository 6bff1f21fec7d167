/**
 * Zstandard: Node's own where it has it (22.15 and later), else in JavaScript.
 *
 * A frame says how large a window its decoder needs; more than allowed is refused (RFC 8878 3.1.1).
 */
import * as zlib from 'node:zlib'
import { Decompress } from 'fzstd'
import { type Codec, requireBound } from './codec.ts'

type Inflate = (bytes: Buffer, options: { maxOutputLength: number }) => Buffer

const MAGIC = 0xfd2fb528
/** What decoders take by themselves. */
const WINDOW_BYTES_MAX = 2 ** 27
const IS_SINGLE_SEGMENT = 0x20
/** Missing in the types of Node 20, as in Node 20. */
const native = (zlib as { zstdDecompressSync?: Inflate }).zstdDecompressSync

export const zstd: Codec = {
  name: 'zstd',
  inflate(bytes, bytesMax) {
    requireSmallFrame(bytes, bytesMax)
    if (native !== undefined) return native(bytes, { maxOutputLength: bytesMax })
    const parts: Uint8Array[] = []
    let size = 0
    const stream = new Decompress(part => {
      size += part.length
      requireBound(size, bytesMax)
      parts.push(part)
    })
    stream.push(bytes, true)
    return Buffer.concat(parts, size)
  },
}

function requireSmallFrame(bytes: Buffer, bytesMax: number): void {
  if (bytes.length < 6 || bytes.readUInt32LE(0) !== MAGIC) throw new Error('it is no zstd frame')
  const head = bytes[4] as number
  if ((head & IS_SINGLE_SEGMENT) !== 0) requireBound(contentSize(bytes, head), bytesMax)
  else requireBound(windowBytes(bytes[5] as number), WINDOW_BYTES_MAX)
}

/** A power of two and eighths of it. */
function windowBytes(descriptor: number): number {
  return 2 ** (10 + (descriptor >> 3)) * (1 + (descriptor & 7) / 8)
}

/** Of a frame in one segment, which has no window but its content. */
function contentSize(bytes: Buffer, head: number): number {
  const at = 5 + ([0, 1, 2, 4][head & 3] as number)
  const size = 1 << (head >> 6)
  if (at + size > bytes.length) throw new Error('its zstd frame ends too early')
  if (size === 8) return Number(bytes.readBigUInt64LE(at))
  return size === 2 ? bytes.readUInt16LE(at) + 256 : bytes.readUIntLE(at, size)
}
