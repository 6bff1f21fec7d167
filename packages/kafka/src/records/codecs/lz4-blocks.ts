/**
 * The plain frames of LZ4, inflated in WebAssembly (wasm/lz4.ts): those without checksums, sizes
 * and dictionaries, as Kafka's clients write them. Others, and those that are spoilt, are left to
 * the library. The memory is one of each thread and holds a frame at a time; what it gives is a
 * copy.
 *
 * Perf: 640 KB of JSON records in one batch take a seventh of the CPU of the library, which
 * inflates into memory that grows; batches of 16 KB take as much (kernel `inflate lz4` of the
 * benchmark `micro`, in turns, on a busy machine).
 */
import { LZ4_MODULE } from './lz4-module.ts'

/** What of WebAssembly is used: neither the language's types nor Node's have it. */
interface Wasm {
  readonly Module: new (bytes: Uint8Array) => object
  readonly Instance: new (module: object) => { readonly exports: Readonly<Record<string, unknown>> }
}

interface WasmMemory {
  readonly buffer: ArrayBuffer
  grow(pages: number): number
}

type Inflate = (
  from: number,
  end: number,
  to: number,
  toEnd: number,
  blockBytes: number,
  isLinked: boolean,
) => number

const PAGE_BYTES = 64 * 1024
/** Of the memory; the module says so, too. */
const MEMORY_BYTES_MAX = 64 * 1024 * 1024
/** Behind what the module keeps there. */
const FREE_FROM = 4 * 1024
/** May be read and written behind what is there. */
const SLACK_BYTES = 64
/** Magic, flags, size of blocks, check of these two. */
const HEAD_BYTES = 7
const IS_LINKED = 0x40

/** Blocks of 64 KiB to 4 MiB, apart or linked: flags, size of blocks and their check. */
const PLAIN_HEADS: ReadonlySet<number> = new Set([
  ...[0x604082, 0x6050fb, 0x606051, 0x607073],
  ...[0x4040c0, 0x405077, 0x406096, 0x4070df],
])

export class Lz4Blocks {
  readonly #inflate: Inflate
  readonly #memory: WasmMemory
  #bytes: Buffer

  /** @throws whatever WebAssembly throws, a TypeError where there is none */
  constructor(module: Uint8Array) {
    const { Module, Instance } = (globalThis as unknown as { WebAssembly: Wasm }).WebAssembly
    const { exports } = new Instance(new Module(module))
    this.#inflate = exports['inflate'] as Inflate
    this.#memory = exports['memory'] as WasmMemory
    this.#bytes = Buffer.from(this.#memory.buffer)
  }

  /**
   * The content of a frame; null: it is not plain, or spoilt, or too large.
   * @param bound what it can inflate to
   * @param blockBytes of one block, inflated
   */
  inflate(frame: Buffer, bound: number, blockBytes: number): Buffer | null {
    if (!PLAIN_HEADS.has(frame.readUIntBE(4, 3))) return null
    const end = FREE_FROM + frame.length
    const to = end + SLACK_BYTES
    const toEnd = to + bound
    if (!this.#grow(toEnd + SLACK_BYTES)) return null
    this.#bytes.set(frame, FREE_FROM)
    const isLinked = frame[4] === IS_LINKED
    const behind = this.#inflate(FREE_FROM + HEAD_BYTES, end, to, toEnd, blockBytes, isLinked)
    return behind === 0 ? null : Buffer.from(this.#bytes.subarray(to, behind))
  }

  /** False: the memory cannot have so many bytes. */
  #grow(bytes: number): boolean {
    const missing = bytes - this.#bytes.length
    if (missing <= 0) return true
    if (bytes > MEMORY_BYTES_MAX) return false
    try {
      this.#memory.grow(Math.ceil(missing / PAGE_BYTES))
    } catch (error) {
      // The machine has no more.
      if (error instanceof RangeError) return false
      throw error
    }
    this.#bytes = Buffer.from(this.#memory.buffer)
    return true
  }
}

let shared: Lz4Blocks | null | undefined

/** Null where there is no WebAssembly with SIMD, or it is forbidden. */
export function lz4Blocks(): Lz4Blocks | null {
  if (shared === undefined) {
    try {
      shared = new Lz4Blocks(Buffer.from(LZ4_MODULE, 'base64'))
    } catch {
      shared = null
    }
  }
  return shared
}
