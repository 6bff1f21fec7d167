/** Longest time the loop runs without giving the process to others. */
const SLICE_MS = 5

/**
 * Cuts work into slices: `rest` gives way to timers, sockets and the user's own code when a slice
 * is used up.
 */
export class Slice {
  #startedAt = performance.now()

  async rest(): Promise<void> {
    if (performance.now() - this.#startedAt < SLICE_MS) return
    await new Promise(resolve => setImmediate(resolve))
    this.#startedAt = performance.now()
  }
}
