/**
 * How many requests may be on their way at once: more while answers come as fast as they did, fewer
 * when the server is overloaded or answers slow down (additive increase, multiplicative decrease).
 *
 *   starting ── an answer: +1 ──► doubles per round trip
 *      └─ slow or overloaded ─► steady ── an answer: +1/limit;  slow: ×0.8;  overloaded: ×0.5
 *
 * At most one decrease per round: answers to what was sent before it say nothing new. Slow means an
 * average over `SLOW_FACTOR` times the fastest average seen, and `SLOW_MS` above it.
 */
const START = 16
const WEIGHT = 0.1
const SLOW_FACTOR = 4
const SLOW_MS = 20
/** The fastest average is forgotten slowly, so that a server that became slower is not punished. */
const FORGET = 1.0005

export interface ConcurrencyBounds {
  readonly min: number
  readonly max: number
}

export class Concurrency {
  readonly #bounds: ConcurrencyBounds
  #limit: number
  #isStarting = true
  #averageMs = 0
  #fastestMs = Number.POSITIVE_INFINITY
  /** Answers until another decrease is possible. */
  #pause = 0

  constructor(bounds: ConcurrencyBounds) {
    this.#bounds = bounds
    this.#limit = this.#within(START)
  }

  get limit(): number {
    return Math.floor(this.#limit)
  }

  answered(ms: number): void {
    this.#averageMs = this.#averageMs === 0 ? ms : this.#averageMs + (ms - this.#averageMs) * WEIGHT
    this.#fastestMs = Math.min(this.#fastestMs * FORGET, this.#averageMs)
    this.#pause--
    const slowMs = Math.max(this.#fastestMs * SLOW_FACTOR, this.#fastestMs + SLOW_MS)
    if (this.#averageMs > slowMs) this.#decrease(0.8)
    else this.#limit = this.#within(this.#limit + (this.#isStarting ? 1 : 1 / this.#limit))
  }

  overloaded(): void {
    this.#pause--
    this.#decrease(0.5)
  }

  #decrease(factor: number): void {
    this.#isStarting = false
    if (this.#pause > 0) return
    this.#limit = this.#within(this.#limit * factor)
    this.#pause = this.#limit
  }

  #within(limit: number): number {
    return Math.min(Math.max(limit, this.#bounds.min), this.#bounds.max)
  }
}
