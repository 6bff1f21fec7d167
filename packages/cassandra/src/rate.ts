import type { Clock } from '@millrace/core'

/** So many per second and no more, spread evenly; who has to wait waits in turn. */
export class Rate {
  readonly #perMs: number
  readonly #clock: Clock
  /** When the next one may go. */
  #nextAt = Number.NEGATIVE_INFINITY

  constructor(perSecond: number, clock: Clock) {
    this.#perMs = perSecond / 1_000
    this.#clock = clock
  }

  take(count: number): Promise<void> | undefined {
    if (this.#perMs === Number.POSITIVE_INFINITY) return undefined
    const now = this.#clock.now()
    const at = Math.max(this.#nextAt, now)
    this.#nextAt = at + count / this.#perMs
    return at > now ? this.#clock.sleep(at - now) : undefined
  }
}
