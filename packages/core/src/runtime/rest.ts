import type { Waiting } from './waiting.ts'

/**
 * Whether a run is at rest, for tests that move time: its loop waits with nothing to do, and so do
 * the restores beside it.
 */
export class Rest {
  /** Goes up whenever something moved. */
  turns = 0
  #isLoopWaiting = false
  #areRestoresWaiting = false

  /** True: nothing moves before time does, or somebody else. */
  isReached(hasRestores: boolean): boolean {
    return this.#isLoopWaiting && (!hasRestores || this.#areRestoresWaiting)
  }

  /** For whatever the loop awaits that ends by time or by what others do. */
  readonly waiting: Waiting = async promise => {
    this.#isLoopWaiting = true
    try {
      return await promise
    } finally {
      this.#isLoopWaiting = false
      this.turns++
    }
  }

  /** The same for restores, which all wait with their one reader. */
  readonly waitingBeside: Waiting = async promise => {
    this.#areRestoresWaiting = true
    try {
      return await promise
    } finally {
      this.#areRestoresWaiting = false
      this.turns++
    }
  }
}
