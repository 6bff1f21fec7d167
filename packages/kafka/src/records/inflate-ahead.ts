/**
 * Large batches are inflated on other threads, before it is their turn.
 *
 * Perf: inflating was a fifth of the time of reading and filtering, in the one thread that does
 * everything else. Small batches are not worth the way to another thread and back.
 */
import type { Codec } from './codecs/codec.ts'

/** Compressed bytes from which on a batch is worth it. */
const BYTES_MIN = 16 * 1024
/**
 * Of one fetcher, on their way or waiting for their turn. Few: the threads are also those that
 * read state.
 */
const COUNT_MAX = 6
const BYTES_MAX = 4 * 1024 * 1024

/** What all partitions of a fetcher may have inflated ahead. */
export class AheadRoom {
  /** Something is ready that was waited for. */
  readonly onReady: () => void
  #count = 0
  #bytes = 0

  constructor(onReady: () => void) {
    this.onReady = onReady
  }

  /** Batches on their way or waiting for their turn. */
  get count(): number {
    return this.#count
  }

  get isFull(): boolean {
    return this.#count >= COUNT_MAX || this.#bytes >= BYTES_MAX
  }

  take(bytes: number): void {
    this.#count++
    this.#bytes += bytes
  }

  give(bytes: number): void {
    this.#count--
    this.#bytes -= bytes
  }
}

/** One batch; its turn comes when it has settled. */
export class Inflation {
  /** Compressed. */
  readonly bytes: number
  readonly #room: AheadRoom
  #body: Buffer | null = null
  #error: unknown = null
  #isSettled = false

  private constructor(room: AheadRoom, bytes: number, body: Promise<Buffer>) {
    this.#room = room
    this.bytes = bytes
    room.take(bytes)
    void this.#settle(body)
  }

  /** Null: it is to be inflated when it is its turn; what is wrong with it is told then, too. */
  static start(room: AheadRoom, codec: Codec, bytes: Buffer, bytesMax: number): Inflation | null {
    if (bytes.length < BYTES_MIN || room.isFull) return null
    try {
      const body = codec.inflateAside(bytes, bytesMax)
      return body === null ? null : new Inflation(room, bytes.length, body)
    } catch {
      return null
    }
  }

  async #settle(body: Promise<Buffer>): Promise<void> {
    try {
      this.#body = await body
    } catch (error) {
      this.#error = error
    }
    this.#isSettled = true
    this.#room.onReady()
  }

  get isSettled(): boolean {
    return this.#isSettled
  }

  /** Once, when it has settled. @throws what is wrong with the bytes */
  take(): Buffer {
    this.drop()
    if (this.#body === null) throw this.#error
    return this.#body
  }

  /** Nobody will take it. */
  drop(): void {
    this.#room.give(this.bytes)
  }
}
