import type { Clock } from '../util/clock.ts'

/** Longer than this between two turns of the loop, and its group may have gone on without us. */
const STOOD_STILL_MS = 3_000

/** Notices that the process stood still: it was stopped, or one turn took very long. */
export class StandStill {
  readonly #clock: Clock
  #turnAt: number

  constructor(clock: Clock) {
    this.#clock = clock
    this.#turnAt = clock.now()
  }

  /** Called once a turn. True: the turn before it was long ago. */
  isOver(): boolean {
    const now = this.#clock.now()
    const isLong = now - this.#turnAt > STOOD_STILL_MS
    this.#turnAt = now
    return isLong
  }
}
