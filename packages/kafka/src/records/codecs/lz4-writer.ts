/**
 * Frames of LZ4 written in WebAssembly (wasm/lz4-writer.ts): one block, without sums, in the
 * smallest block size that there is for it, so that readers need no more memory than that. The
 * memory is one of each thread and holds a frame at a time; what it gives is a copy.
 *
 * Perf: JSON records take between 0.4 and 0.6 of the CPU of the library, from batches of 1 KB to
 * those of 2 MB, and become as small (in turns, on a busy machine).
 */
import { sharedModule, WasmModule } from '@millrace/core'
import { LZ4_WRITER_MODULE } from './lz4-writer-module.ts'

type Deflate = (from: number, end: number, to: number, table: number) => number

const MAGIC = 0x04224d18
const HEAD_BYTES = 7
const SIZE_BYTES = 4
const TABLE_BYTES = 16 * 1024
/** May be read and written behind what is there. */
const SLACK_BYTES = 64
const IS_PLAIN = 0x80000000

/** Flags, size of blocks and the check of both; blocks are apart. By what fits into one. */
const HEADS: readonly (readonly [bytesMax: number, head: number])[] = [
  [64 * 1024, 0x604082],
  [256 * 1024, 0x6050fb],
  [1024 * 1024, 0x606051],
  [4 * 1024 * 1024, 0x607073],
]

export class Lz4Writer {
  readonly #module: WasmModule
  readonly #deflate: Deflate

  /** @throws whatever WebAssembly throws, a TypeError where there is none */
  constructor(module: Uint8Array) {
    this.#module = new WasmModule(module)
    this.#deflate = this.#module.exports['deflate'] as Deflate
  }

  /** Null: it is left to the library. Bytes that do not get smaller are a block as they are. */
  deflate(bytes: Buffer): Buffer | null {
    const head = HEADS.find(([bytesMax]) => bytes.length <= bytesMax)?.[1]
    if (head === undefined || bytes.length === 0) return null
    const table = WasmModule.FREE_FROM
    const from = table + TABLE_BYTES
    const end = from + bytes.length
    const to = end + SLACK_BYTES
    const memory = this.#module.atLeast(to + bytes.length + SLACK_BYTES)
    if (memory === null) return null
    memory.set(bytes, from)
    const behind = this.#deflate(from, end, to, table)
    const block = behind === 0 ? bytes : memory.subarray(to, behind)
    const frame = Buffer.allocUnsafe(HEAD_BYTES + SIZE_BYTES + block.length + SIZE_BYTES)
    frame.writeUInt32BE(MAGIC, 0)
    frame.writeUIntBE(head, 4, 3)
    frame.writeUInt32LE(behind === 0 ? block.length + IS_PLAIN : block.length, HEAD_BYTES)
    frame.set(block, HEAD_BYTES + SIZE_BYTES)
    frame.writeUInt32LE(0, frame.length - SIZE_BYTES)
    return frame
  }
}

/** Null where there is no WebAssembly with SIMD, or it is forbidden. */
export const lz4Writer: () => Lz4Writer | null = sharedModule(
  () => new Lz4Writer(Buffer.from(LZ4_WRITER_MODULE, 'base64')),
)
