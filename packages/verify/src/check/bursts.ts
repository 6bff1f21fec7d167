/**
 * The bursts that must come out: a burst of a user begins with a purchase and ends when the clock
 * of the partition shows `BURST_MS` after it; then it counts and sums what has come. A purchase
 * that is older than the clock by more makes a burst of its own.
 */
import { BURST_MS, type Purchase } from '../crash/story.ts'
import type { Result } from './result.ts'

interface Burst {
  readonly user: string
  readonly due: number
  n: number
  total: number
}

export class Bursts {
  /** By partition, which has users of its own, and user. */
  readonly #open = new Map<number, Map<string, Burst>>()
  readonly #ever = new Map<string, { number: number; total: number }>()
  readonly #results: Result[] = []

  /** @param clock of the partition before the purchase. */
  add(partition: number, { user, amount, at }: Purchase, clock: number): void {
    const open = this.#open.get(partition) ?? new Map<string, Burst>()
    this.#open.set(partition, open)
    this.#fire(open, clock)
    const burst = open.get(user) ?? { user, due: at + BURST_MS, n: 0, total: 0 }
    burst.n++
    burst.total += amount
    open.set(user, burst)
    this.#fire(open, clock)
  }

  /** In the end there is silence, and everything open is over. */
  end(): readonly Result[] {
    for (const open of this.#open.values()) this.#fire(open, Number.POSITIVE_INFINITY)
    return this.#results
  }

  #fire(open: Map<string, Burst>, clock: number): void {
    for (const [user, { due, n, total }] of open) {
      if (due > clock) continue
      open.delete(user)
      const before = this.#ever.get(user) ?? { number: 0, total: 0 }
      const number = before.number + 1
      const ever = before.total + total
      this.#ever.set(user, { number, total: ever })
      const content = `${JSON.stringify({ user, number, n, total, ever })} at ${due}`
      this.#results.push({ id: `${user} ${number}`, key: user, rank: number, content })
    }
  }
}
