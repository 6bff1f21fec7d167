import * as zlib from 'node:zlib'
import { compressFrameSync } from 'lz4-napi'
import { compressSync } from 'snappy'
import { lz4Writer } from './lz4-writer.ts'

type Deflate = (bytes: Buffer) => Buffer

/** Missing in the types of Node 20, as in Node 20. */
const zstd = (zlib as { zstdCompressSync?: Deflate }).zstdCompressSync

/**
 * By the number in the attributes of a batch; null = not compressed, undefined = nothing here can:
 * zstd is written by Node 22.15 and later.
 */
export const DEFLATES: readonly (Deflate | null | undefined)[] = [
  null,
  bytes => zlib.gzipSync(bytes),
  bytes => compressSync(bytes),
  bytes => lz4Writer()?.deflate(bytes) ?? compressFrameSync(bytes),
  zstd && (bytes => zstd(bytes)),
]
