/**
 * A clock that stands still until a test moves it.
 *
 * `advance` goes from one due sleeper to the next in order of time (then of calling `sleep`), and
 * lets the code that was waiting run before it goes on: so a sleeper that sleeps again is woken
 * again within the same advance, at its own time. Real time plays no part.
 */
import { MillraceError } from '../errors.ts'
import type { Clock } from '../util/clock.ts'

interface Sleeper {
  readonly dueAt: number
  wake(): void
}

export class ManualClock implements Clock {
  #now: number
  /** Ascending by `dueAt`, equals in the order of coming. */
  readonly #sleepers: Sleeper[] = []

  /** @param now wall time to begin with, epoch milliseconds. */
  constructor(now = 0) {
    this.#now = now
  }

  now(): number {
    return this.#now
  }

  /** When the next sleeper is due; null when nobody sleeps. */
  get nextDueAt(): number | null {
    return this.#sleepers[0]?.dueAt ?? null
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (ms <= 0 || signal?.aborted) return Promise.resolve()
    return new Promise(resolve => {
      const remove = (): void => {
        const at = this.#sleepers.indexOf(sleeper)
        if (at >= 0) this.#sleepers.splice(at, 1)
        resolve()
      }
      const sleeper: Sleeper = {
        dueAt: this.#now + ms,
        wake: () => {
          signal?.removeEventListener('abort', remove)
          resolve()
        },
      }
      signal?.addEventListener('abort', remove, { once: true })
      const after = this.#sleepers.findIndex(other => other.dueAt > sleeper.dueAt)
      this.#sleepers.splice(after < 0 ? this.#sleepers.length : after, 0, sleeper)
    })
  }

  /**
   * Moves the time and wakes who is due; resolves when they and all they led to have come to rest.
   */
  async advance(ms: number): Promise<void> {
    if (!(ms >= 0)) {
      throw new MillraceError('INVALID_ARGUMENT', `a clock goes forward by ms >= 0; got ${ms}.`)
    }
    const end = this.#now + ms
    await settled()
    for (;;) {
      const next = this.#sleepers[0]
      if (next === undefined || next.dueAt > end) break
      this.#sleepers.shift()
      this.#now = Math.max(this.#now, next.dueAt)
      next.wake()
      await settled()
    }
    this.#now = Math.max(this.#now, end)
  }
}

/** After every promise callback that can run now has run. */
function settled(): Promise<void> {
  return new Promise(resolve => setImmediate(resolve))
}
