/**
 * The compression of the buffers of an IPC body: LZ4 frames, Zstandard.
 *
 *   buffer = inflated size i64, -1 = not compressed | bytes
 *
 * Sizes are checked before memory is taken for them: against what is allowed, and against what the
 * bytes can inflate to. Zstandard is Node's own (22.15 and later); before that it is read in
 * JavaScript and not written.
 */
import * as zlib from 'node:zlib'
import { MillraceError } from '@millrace/core'
import { CompressionType } from 'apache-arrow'
import { decompress } from 'fzstd'
import { compressFrameSync, decompressFrameSync } from 'lz4-napi'

export type IpcCompression = 'none' | 'lz4' | 'zstd'

export interface BodyCodec {
  readonly type: CompressionType
  deflate(bytes: Buffer): Uint8Array
  /** @throws an Error that says what is wrong with the bytes. */
  inflate(bytes: Buffer, size: number): Uint8Array
}

interface NativeZstd {
  readonly zstdCompressSync?: (bytes: Buffer) => Buffer
  readonly zstdDecompressSync?: (bytes: Buffer, options: { maxOutputLength: number }) => Buffer
}

const PREFIX_BYTES = 8
const LZ4_MAGIC = 0x184d2204
/** No sequence of LZ4 gives more than this for a byte. */
const LZ4_RATIO_MAX = 255
const ZSTD_MAGIC = 0xfd2fb528
/** What decoders take by themselves. */
const ZSTD_WINDOW_BYTES_MAX = 2 ** 27
/** Missing in the types of Node 20, as in Node 20. */
const native = zlib as NativeZstd

const lz4: BodyCodec = {
  type: CompressionType.LZ4_FRAME,
  deflate: bytes => compressFrameSync(bytes),
  inflate: (bytes, size) => {
    requireLz4(bytes, size)
    return decompressFrameSync(bytes)
  },
}

const zstd: BodyCodec = {
  type: CompressionType.ZSTD,
  deflate: bytes => {
    if (native.zstdCompressSync === undefined) throw noZstd()
    return native.zstdCompressSync(bytes)
  },
  inflate: (bytes, size) => {
    requireZstd(bytes)
    if (native.zstdDecompressSync !== undefined) {
      return native.zstdDecompressSync(bytes, { maxOutputLength: Math.max(size, 1) })
    }
    return decompress(bytes, new Uint8Array(size))
  },
}

/** @throws INVALID_ARGUMENT when this Node can't write it. */
export function bodyCodec(compression: IpcCompression): BodyCodec | null {
  if (compression === 'none') return null
  if (compression === 'zstd' && native.zstdCompressSync === undefined) throw noZstd()
  const codec = { lz4, zstd }[compression] as BodyCodec | undefined
  if (codec !== undefined) return codec
  throw new MillraceError(
    'INVALID_ARGUMENT',
    `compression is 'none', 'lz4' or 'zstd'; got ${JSON.stringify(compression)}.`,
  )
}

/** The codec of bodies that are read; undefined = not known here. */
export function codecOfType(type: CompressionType): BodyCodec | undefined {
  return [lz4, zstd].find(codec => codec.type === type)
}

export function deflated(codec: BodyCodec, bytes: Uint8Array): Uint8Array {
  if (bytes.length === 0) return bytes
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const small = codec.deflate(buffer)
  const isSmaller = small.length < bytes.length
  const out = Buffer.allocUnsafe(PREFIX_BYTES + (isSmaller ? small.length : bytes.length))
  out.writeBigInt64LE(isSmaller ? BigInt(bytes.length) : -1n)
  out.set(isSmaller ? small : bytes, PREFIX_BYTES)
  return out
}

/** @throws an Error that says what is wrong with the bytes. */
export function inflated(codec: BodyCodec, bytes: Uint8Array, bytesMax: number): Uint8Array {
  if (bytes.length === 0) return bytes
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (buffer.length < PREFIX_BYTES) throw new Error('a compressed buffer is cut off')
  const size = buffer.readBigInt64LE(0)
  const rest = buffer.subarray(PREFIX_BYTES)
  if (size === -1n) return rest
  if (size < 0n || size > BigInt(bytesMax)) {
    throw new Error(`a buffer would inflate to ${size} bytes; at most ${bytesMax} are taken`)
  }
  const out = codec.inflate(rest, Number(size))
  if (out.length === Number(size)) return out
  throw new Error(`a buffer inflates to ${out.length} bytes and says ${size}`)
}

/** What the frame can inflate to, from the sizes of its blocks, is not much more than it says. */
function requireLz4(bytes: Buffer, size: number): void {
  if (bytes.length < 7 || bytes.readUInt32LE(0) !== LZ4_MAGIC) throw new Error('it is no LZ4 frame')
  const flags = bytes[4] as number
  const blockBytes = 2 ** (8 + 2 * (((bytes[5] as number) >> 4) & 7))
  const checkBytes = (flags & 0x10) === 0 ? 0 : 4
  let at = 7 + ((flags & 0x08) === 0 ? 0 : 8) + ((flags & 0x01) === 0 ? 0 : 4)
  let bound = 0
  let word = 1
  while (at + 4 <= bytes.length) {
    word = bytes.readUInt32LE(at)
    if (word === 0) break
    const count = word & 0x7fffffff
    bound += word > 0x7fffffff ? count : Math.min(blockBytes, count * LZ4_RATIO_MAX)
    at += 4 + count + checkBytes
  }
  if (word !== 0) throw new Error('its LZ4 frame ends too early')
  if (bound > 2 * size + blockBytes) throw new Error(`its LZ4 frame is more than ${size} bytes`)
}

function requireZstd(bytes: Buffer): void {
  if (bytes.length < 6 || bytes.readUInt32LE(0) !== ZSTD_MAGIC)
    throw new Error('it is no zstd frame')
  const isSingleSegment = ((bytes[4] as number) & 0x20) !== 0
  const window = bytes[5] as number
  if (
    !isSingleSegment &&
    2 ** (10 + (window >> 3)) * (1 + (window & 7) / 8) > ZSTD_WINDOW_BYTES_MAX
  ) {
    throw new Error('its zstd frame needs a window that is too large')
  }
}

function noZstd(): MillraceError {
  return new MillraceError(
    'INVALID_ARGUMENT',
    `Node ${process.version} has no Zstandard to write with; 22.15 and later have. Take 'lz4', ` +
      'or a newer Node.',
  )
}
