import { below, seededRandom, shuffled } from '../conformance/seeded-random.ts'

/** Draws that a seed decides: the same seed, the same draws. */
export class Chance {
  readonly #random: () => number

  constructor(seed: number) {
    this.#random = seededRandom(seed)
  }

  /** A whole number from 0 up to, not including, `limit`. */
  below(limit: number): number {
    return below(this.#random, limit)
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)] as T
  }

  /** True with this probability, of 0 to 1. */
  happens(probability: number): boolean {
    return this.#random() < probability
  }

  shuffled<T>(items: readonly T[]): T[] {
    return shuffled(this.#random, items)
  }
}
