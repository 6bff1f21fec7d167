/**
 * The module of the scan and its memory, one of each thread; made when the first decoder asks.
 *
 * The memory holds one batch at a time: whoever scans writes all that the module reads, and reads
 * what it wrote, before anyone else does. It grows to the largest batch, up to `SCAN_BYTES_MAX`.
 */
import { SCAN_MODULE } from './scan-module.ts'

/** What `scan` of wasm/record-scan.ts takes. */
type ScanRecords = (
  table: number,
  fieldCount: number,
  base: number,
  low: number,
  high: number,
  starts: number,
  sizes: number,
  count: number,
  refused: number,
) => number

/** What of WebAssembly is used: neither the language's types nor Node's have it. */
interface Wasm {
  readonly Module: new (bytes: Uint8Array) => object
  readonly Instance: new (module: object) => { readonly exports: Readonly<Record<string, unknown>> }
}

interface WasmMemory {
  readonly buffer: ArrayBuffer
  grow(pages: number): number
}

/** The module says so, too. */
export const SCAN_BYTES_MAX: number = 64 * 1024 * 1024
const PAGE_BYTES = 64 * 1024
/** Behind the tables of the module itself. */
const FREE_FROM = 4 * 1024

export class ScanMemory {
  readonly scan: ScanRecords
  readonly #memory: WasmMemory
  #bytes: Buffer

  /** @throws whatever WebAssembly throws, a TypeError where there is none */
  constructor(module: Uint8Array) {
    const { Module, Instance } = (globalThis as unknown as { readonly WebAssembly: Wasm })
      .WebAssembly
    const { exports } = new Instance(new Module(module))
    this.scan = exports['scan'] as ScanRecords
    this.#memory = exports['memory'] as WasmMemory
    this.#bytes = Buffer.from(this.#memory.buffer)
  }

  /** The first byte that is free to use. */
  get start(): number {
    return FREE_FROM
  }

  /** The whole memory, `end` bytes or more, until the next call; null: that is too much. */
  atLeast(end: number): Buffer | null {
    const missing = end - this.#bytes.length
    if (missing > 0) {
      if (end > SCAN_BYTES_MAX) return null
      try {
        this.#memory.grow(Math.ceil(missing / PAGE_BYTES))
      } catch (error) {
        // The machine has no more.
        if (error instanceof RangeError) return null
        throw error
      }
      this.#bytes = Buffer.from(this.#memory.buffer)
    }
    return this.#bytes
  }
}

let shared: ScanMemory | null | undefined

/** Null where there is no WebAssembly with SIMD, or it is forbidden. */
export function scanMemory(): ScanMemory | null {
  if (shared === undefined) {
    try {
      shared = new ScanMemory(Buffer.from(SCAN_MODULE, 'base64'))
    } catch {
      shared = null
    }
  }
  return shared
}
