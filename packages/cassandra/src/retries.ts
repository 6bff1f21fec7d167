/**
 * Tries again while a server cannot be reached, with growing pauses, for as long as was said; warns
 * now and then, and can tell at any time what it waits for. For questions; rows have the
 * dispatcher.
 */
import { type Clock, MillraceError } from '@millrace/core'
import { failureKind, failureText } from './failure-kind.ts'

export interface RetriesOptions {
  readonly clock: Clock
  readonly retryForMs: number
  readonly warn: (text: string) => void
  /** The error when it is over; a `MillraceError` passes as it is. */
  readonly failed: (error: unknown) => MillraceError
}

const PAUSE_MS = 200
const PAUSE_MAX_MS = 5_000
const WARN_EVERY_MS = 10_000

export class Retries {
  readonly #options: RetriesOptions
  #warnedAt = Number.NEGATIVE_INFINITY
  #waitsFor: string | null = null

  constructor(options: RetriesOptions) {
    this.#options = options
  }

  /** Why the last question was not answered; null = it was. */
  get waitsFor(): string | null {
    return this.#waitsFor
  }

  async until<T>(act: () => Promise<T>): Promise<T> {
    const { clock, retryForMs, failed } = this.#options
    const began = clock.now()
    for (let tries = 0; ; tries++) {
      try {
        const answer = await act()
        this.#waitsFor = null
        return answer
      } catch (error) {
        if (MillraceError.is(error)) throw error
        const isOver = clock.now() - began >= retryForMs
        if (failureKind(error) !== 'retry' || isOver) throw failed(error)
        this.#tell(error)
        await clock.sleep(Math.min(PAUSE_MS * 2 ** tries, PAUSE_MAX_MS))
      }
    }
  }

  #tell(error: unknown): void {
    const { clock, warn } = this.#options
    this.#waitsFor = `Cassandra cannot be reached: ${failureText(error)}`
    const now = clock.now()
    if (now - this.#warnedAt < WARN_EVERY_MS) return
    this.#warnedAt = now
    warn(`${this.#waitsFor}. Trying again.`)
  }
}
