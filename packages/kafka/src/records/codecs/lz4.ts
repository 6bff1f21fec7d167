/**
 * LZ4 in its frame format, as Kafka's clients write it.
 *
 *   frame = magic u32 | flags u8 | block size u8 | [content size u64] | [dictionary u32] | check u8
 *           | block* | 0 u32 | [checksum u32]
 *   block = size u32 (top bit: not compressed) | bytes | [checksum u32]
 *
 * https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md
 */
import { decompressFrameSync } from 'lz4-napi'
import { recordMemory } from '../record-memory.ts'
import { type Codec, requireBound } from './codec.ts'
import { inflateBlocks } from './lz4-blocks.ts'

const MAGIC = 0x184d2204
const HAS_BLOCK_CHECK = 0x10
const HAS_SIZE = 0x08
const HAS_DICTIONARY = 0x01
/** No sequence of LZ4 gives more than this for a byte. */
const RATIO_MAX = 255
const BLOCK_BYTES: readonly (number | undefined)[] = [
  ...new Array(4),
  64 << 10,
  256 << 10,
  1 << 20,
  4 << 20,
]

export const lz4: Codec = {
  name: 'lz4',
  inflate(bytes, bytesMax) {
    const blockBytes = blockBytesOf(bytes)
    const bound = boundOf(bytes, blockBytes)
    requireBound(bound, bytesMax)
    const memory = recordMemory()
    const body = memory === null ? null : inflateBlocks(memory, bytes, bound, blockBytes)
    return body ?? decompressFrameSync(bytes)
  },
}

/** Of a block at most, inflated. */
function blockBytesOf(bytes: Buffer): number {
  if (bytes.length < 7 || bytes.readUInt32LE(0) !== MAGIC) throw new Error('it is no LZ4 frame')
  const blockBytes = BLOCK_BYTES[((bytes[5] as number) >> 4) & 7]
  if (blockBytes === undefined) throw new Error('its LZ4 frame has an unknown size of blocks')
  return blockBytes
}

/** What the frame can inflate to, from the sizes of its blocks. */
function boundOf(bytes: Buffer, blockBytes: number): number {
  const flags = bytes[4] as number
  const sizeBytes = (flags & HAS_SIZE) === 0 ? 0 : 8
  const dictionaryBytes = (flags & HAS_DICTIONARY) === 0 ? 0 : 4
  const checkBytes = (flags & HAS_BLOCK_CHECK) === 0 ? 0 : 4
  let bound = 0
  let at = 7 + sizeBytes + dictionaryBytes
  while (at + 4 <= bytes.length) {
    const word = bytes.readUInt32LE(at)
    if (word === 0) return bound
    const size = word & 0x7fffffff
    bound += word > 0x7fffffff ? size : Math.min(blockBytes, size * RATIO_MAX)
    at += 4 + size + checkBytes
  }
  throw new Error('its LZ4 frame ends too early')
}
