import type { Clock } from '../../util/clock.ts'

const WOKEN = 'woken'

/** Wakes everybody who waits, on every change; who was woken looks anew at what there is. */
export class ChangeSignal {
  readonly #waiting = new Set<() => void>()

  notify(): void {
    const woken = [...this.#waiting]
    this.#waiting.clear()
    for (const wake of woken) wake()
  }

  /** Resolves at the next change. */
  next(): Promise<void> {
    return new Promise(resolve => {
      this.#waiting.add(resolve)
    })
  }

  /** Resolves at the next change, or when `timeoutMs` of the clock have passed. */
  async wait(timeoutMs: number, clock: Clock): Promise<void> {
    const abort = new AbortController()
    // With a reason given, none is made, which would cost more than the rest of the wait.
    const wake = (): void => abort.abort(WOKEN)
    this.#waiting.add(wake)
    await clock.sleep(timeoutMs, abort.signal)
    this.#waiting.delete(wake)
  }
}
