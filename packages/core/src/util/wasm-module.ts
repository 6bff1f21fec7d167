/** A module of WebAssembly and its memory, which grows to what is asked for, up to 64 MiB. */

/** What of WebAssembly is used: neither the language's types nor Node's have it. */
interface Wasm {
  readonly Module: new (bytes: Uint8Array) => object
  readonly Instance: new (module: object) => { readonly exports: Readonly<Record<string, unknown>> }
}

interface Memory {
  readonly buffer: ArrayBuffer
  grow(pages: number): number
}

const PAGE_BYTES = 64 * 1024

/** @internal Parts of this project only. */
export class WasmModule {
  /** Where memory is free: behind what a module keeps there. */
  static readonly FREE_FROM: number = 4 * 1024
  /** Of the memory; the modules say so, too. */
  static readonly BYTES_MAX: number = 64 * 1024 * 1024

  readonly exports: Readonly<Record<string, unknown>>
  readonly #memory: Memory
  #bytes: Buffer

  /** @throws whatever WebAssembly throws, a TypeError where there is none */
  constructor(module: Uint8Array) {
    const { Module, Instance } = (globalThis as unknown as { WebAssembly: Wasm }).WebAssembly
    this.exports = new Instance(new Module(module)).exports
    this.#memory = this.exports['memory'] as Memory
    this.#bytes = Buffer.from(this.#memory.buffer)
  }

  /** The whole memory, `end` bytes or more, until the next call; null: it cannot have so many. */
  atLeast(end: number): Buffer | null {
    const missing = end - this.#bytes.length
    if (missing <= 0) return this.#bytes
    if (end > WasmModule.BYTES_MAX) return null
    try {
      this.#memory.grow(Math.ceil(missing / PAGE_BYTES))
    } catch (error) {
      // The machine has no more.
      if (error instanceof RangeError) return null
      throw error
    }
    this.#bytes = Buffer.from(this.#memory.buffer)
    return this.#bytes
  }
}

/** @internal One for each thread, made when it is asked for first; null where it cannot be. */
export function sharedModule<Use>(make: () => Use): () => Use | null {
  let shared: Use | null | undefined
  return () => {
    if (shared === undefined) {
      try {
        shared = make()
      } catch {
        // There is no WebAssembly with SIMD, or it is forbidden.
        shared = null
      }
    }
    return shared
  }
}
