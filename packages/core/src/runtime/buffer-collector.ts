/**
 * Has V8 look for dead buffers as soon as batches have left so many bytes of them behind.
 *
 * V8 counts the bytes of buffers toward its heap, and looks for dead ones among young objects when
 * there are many young objects. Batches are few objects with large buffers, so it would collect
 * its whole heap instead, every 20 MB. A collection of young objects takes 0.1 ms here, and what
 * it finds need not be found that way.
 */
import { getHeapStatistics, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

type CollectYoung = (options: { readonly type: 'minor' }) => void

const STEP_BYTES = 4 * 1024 * 1024

/** One for the process; undefined: not asked for yet. */
let young: CollectYoung | null | undefined

export class BufferCollector {
  readonly #collect: CollectYoung | null
  readonly #bytes: () => number
  /** The least seen since the last collection. */
  #base = 0

  constructor(collect?: CollectYoung, bytes: () => number = bufferBytes) {
    young ??= collectYoung()
    this.#collect = collect ?? young
    this.#bytes = bytes
  }

  /** Between two batches. */
  check(): void {
    if (this.#collect === null) return
    const bytes = this.#bytes()
    if (bytes < this.#base) this.#base = bytes
    if (bytes - this.#base < STEP_BYTES) return
    this.#collect({ type: 'minor' })
    this.#base = this.#bytes()
  }
}

function bufferBytes(): number {
  return getHeapStatistics().external_memory
}

/** The function that V8 gives to new contexts while its flag is set; null: this V8 does not. */
function collectYoung(): CollectYoung | null {
  if (typeof globalThis.gc === 'function') return globalThis.gc as CollectYoung
  setFlagsFromString('--expose-gc')
  const collect: unknown = runInNewContext('globalThis.gc')
  setFlagsFromString('--no-expose-gc')
  return typeof collect === 'function' ? (collect as CollectYoung) : null
}
