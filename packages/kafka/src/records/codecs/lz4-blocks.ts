/**
 * The plain frames of LZ4, inflated in WebAssembly (wasm/lz4.ts): those without checksums, sizes
 * and dictionaries, as Kafka's clients write them. Others, and those that are spoilt, are left to
 * the library. What it gives is a copy; the memory holds the same bytes, for who walks them next.
 *
 * Perf: 640 KB of JSON records in one batch take a seventh of the CPU of the library, which
 * inflates into memory that grows; batches of 16 KB take as much (kernel `inflate lz4` of the
 * benchmark `micro`, in turns, on a busy machine).
 */
import { FREE_FROM, type RecordMemory, SLACK_BYTES } from '../record-memory.ts'
import { inflatedBodies } from '../used-again.ts'

/** Magic, flags, size of blocks, check of these two. */
const HEAD_BYTES = 7
const IS_LINKED = 0x40

/** Blocks of 64 KiB to 4 MiB, apart or linked: flags, size of blocks and their check. */
const PLAIN_HEADS: ReadonlySet<number> = new Set([
  ...[0x604082, 0x6050fb, 0x606051, 0x607073],
  ...[0x4040c0, 0x405077, 0x406096, 0x4070df],
])

/**
 * The content of a frame; null: it is not plain, or spoilt, or too large.
 * @param bound what it can inflate to
 * @param blockBytes of one block, inflated
 */
export function inflateBlocks(
  memory: RecordMemory,
  frame: Buffer,
  bound: number,
  blockBytes: number,
): Buffer | null {
  if (!PLAIN_HEADS.has(frame.readUIntBE(4, 3))) return null
  const end = FREE_FROM + frame.length
  const to = end + SLACK_BYTES
  const toEnd = to + bound
  if (!memory.reach(toEnd + SLACK_BYTES)) return null
  memory.hold(null)
  memory.bytes.set(frame, FREE_FROM)
  const isLinked = frame[4] === IS_LINKED
  const behind = memory.inflate(FREE_FROM + HEAD_BYTES, end, to, toEnd, blockBytes, isLinked)
  if (behind === 0) return null
  const body = inflatedBodies.take(behind - to)
  body.set(memory.bytes.subarray(to, behind))
  memory.hold(body, to)
  return body
}
