import type { Clock } from '../util/clock.ts'
import { BufferCollector } from './buffer-collector.ts'

/** Longest time the loop runs without giving the process to others. */
const SLICE_MS = 5
/** And how often it may go round, where the clock is one that a test moves. */
const ROUNDS_MAX = 1_000

/**
 * Cuts work into slices: `rest`, between two batches, gives way to timers, sockets and the user's
 * own code when a slice is used up, and has dead buffers collected.
 */
export class Slice {
  readonly #clock: Clock
  readonly #buffers = new BufferCollector()
  #startedAt: number
  #rounds = 0

  constructor(clock: Clock) {
    this.#clock = clock
    this.#startedAt = clock.now()
  }

  async rest(): Promise<void> {
    this.#buffers.check()
    const usedMs = this.#clock.now() - this.#startedAt
    // A clock may be set back.
    const isUsedUp = usedMs >= SLICE_MS || usedMs < 0 || ++this.#rounds >= ROUNDS_MAX
    if (!isUsedUp) return
    await new Promise(resolve => setImmediate(resolve))
    this.#startedAt = this.#clock.now()
    this.#rounds = 0
  }
}
