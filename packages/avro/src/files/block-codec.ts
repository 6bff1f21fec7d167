/**
 * How blocks of a container file are compressed.
 *
 *   null       as they are
 *   deflate    RFC 1951, without the frame of zlib
 *   snappy     raw Snappy, then the CRC-32 of what was compressed, big-endian
 *   zstandard  a frame; Node compresses it from 22.15 on, and reads it in JavaScript before
 *
 * What a block becomes is bounded before it is made: a few bytes may claim to be gigabytes.
 */
import * as zlib from 'node:zlib'
import { MillraceError } from '@millrace/core'
import { Decompress } from 'fzstd'
import { compressSync, uncompressSync } from 'snappy'

export const FILE_CODECS = ['null', 'deflate', 'snappy', 'zstandard'] as const

export type FileCodec = (typeof FILE_CODECS)[number]

/** Why a block cannot be read; the file says where. */
export class BlockFault extends Error {}

type Deflate = (bytes: Uint8Array) => Buffer
type Inflate = (bytes: Buffer, options: { maxOutputLength: number }) => Buffer

/** Missing in the types of Node 20; Zstandard is missing there altogether. */
const { zstdCompressSync, zstdDecompressSync, crc32 } = zlib as unknown as {
  readonly zstdCompressSync?: Deflate
  readonly zstdDecompressSync?: Inflate
  readonly crc32: (bytes: Uint8Array) => number
}
const CHECKSUM_BYTES = 4

/** @throws NOT_SUPPORTED, INVALID_ARGUMENT */
export function checkCodec(codec: unknown): FileCodec {
  if (!isFileCodec(codec)) {
    throw new MillraceError(
      'INVALID_ARGUMENT',
      `the codec of an Avro file is one of ${FILE_CODECS.join(', ')}; ` +
        `got ${JSON.stringify(codec)}.`,
    )
  }
  if (codec === 'zstandard' && zstdCompressSync === undefined) {
    throw new MillraceError(
      'NOT_SUPPORTED',
      `this Node (${process.version}) cannot compress with Zstandard; it needs 22.15 or newer. ` +
        "Use 'deflate' or 'snappy'.",
    )
  }
  return codec
}

export function isFileCodec(codec: unknown): codec is FileCodec {
  return (FILE_CODECS as readonly unknown[]).includes(codec)
}

export function compressed(codec: FileCodec, bytes: Uint8Array): Uint8Array {
  switch (codec) {
    case 'null':
      return bytes
    case 'deflate':
      return zlib.deflateRawSync(bytes)
    case 'snappy': {
      const checksum = Buffer.alloc(CHECKSUM_BYTES)
      checksum.writeUInt32BE(crc32(bytes))
      return Buffer.concat([compressSync(bytes), checksum])
    }
    case 'zstandard':
      return (zstdCompressSync as Deflate)(bytes)
  }
}

/** @throws BlockFault */
export function inflated(codec: FileCodec, bytes: Buffer, bytesMax: number): Buffer {
  try {
    switch (codec) {
      case 'null':
        return bytes
      case 'deflate':
        return zlib.inflateRawSync(bytes, { maxOutputLength: bytesMax })
      case 'snappy':
        return snappyInflated(bytes, bytesMax)
      case 'zstandard':
        return zstandardInflated(bytes, bytesMax)
    }
  } catch (error) {
    if (error instanceof BlockFault) throw error
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(bytesMax)
    throw new BlockFault(`its ${codec} cannot be read: ${(error as Error).message}`)
  }
}

function snappyInflated(bytes: Buffer, bytesMax: number): Buffer {
  const end = bytes.length - CHECKSUM_BYTES
  if (end < 1) throw new BlockFault('it is too short for snappy')
  const body = bytes.subarray(0, end)
  if (snappySize(body) > bytesMax) throw tooLarge(bytesMax)
  const whole = uncompressSync(body) as Buffer
  if (crc32(whole) === bytes.readUInt32BE(end)) return whole
  throw new BlockFault('its checksum does not fit its bytes')
}

/** Snappy begins with the size of what it becomes, 7 bits a byte. */
function snappySize(bytes: Buffer): number {
  let size = 0
  for (let nth = 0; nth < 5; nth++) {
    const byte = bytes[nth] ?? 0
    size += (byte & 0x7f) * 2 ** (7 * nth)
    if (byte < 0x80) return size
  }
  throw new BlockFault('its snappy has no size')
}

function zstandardInflated(bytes: Buffer, bytesMax: number): Buffer {
  if (zstdDecompressSync !== undefined) {
    return zstdDecompressSync(bytes, { maxOutputLength: bytesMax })
  }
  requireSmallWindow(bytes, bytesMax)
  const parts: Uint8Array[] = []
  let size = 0
  const stream = new Decompress(part => {
    size += part.length
    if (size > bytesMax) throw tooLarge(bytesMax)
    parts.push(part)
  })
  stream.push(bytes, true)
  return Buffer.concat(parts, size)
}

const ZSTD_MAGIC = 0xfd2fb528
const ZSTD_SINGLE_SEGMENT = 0x20
const ZSTD_WINDOW_MAX = 2 ** 27

/** A frame says how much memory its decoder needs (RFC 8878, 3.1.1). */
function requireSmallWindow(bytes: Buffer, bytesMax: number): void {
  if (bytes.length < 6 || bytes.readUInt32LE(0) !== ZSTD_MAGIC) {
    throw new BlockFault('it is no zstandard frame')
  }
  const head = bytes[4] as number
  if ((head & ZSTD_SINGLE_SEGMENT) === 0) {
    const descriptor = bytes[5] as number
    const window = 2 ** (10 + (descriptor >> 3)) * (1 + (descriptor & 7) / 8)
    if (window > ZSTD_WINDOW_MAX) throw tooLarge(bytesMax)
    return
  }
  const at = 5 + ([0, 1, 2, 4][head & 3] as number)
  const size = 1 << (head >> 6)
  if (at + size > bytes.length) throw new BlockFault('its zstandard frame ends too early')
  const content = size === 8 ? Number(bytes.readBigUInt64LE(at)) : bytes.readUIntLE(at, size)
  if (content > bytesMax) throw tooLarge(bytesMax)
}

function tooLarge(bytesMax: number): BlockFault {
  return new BlockFault(`it becomes more than ${bytesMax} bytes; raise blockBytesMax to read it`)
}
