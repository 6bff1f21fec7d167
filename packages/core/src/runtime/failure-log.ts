import type { MillraceError } from '../errors.ts'
import type { ErrorPolicy } from '../record/error-policy.ts'
import type { Clock } from '../util/clock.ts'
import type { Logger } from './logger.ts'

const PAUSE_MS = 10_000

/**
 * Carries out error policies: `fail` throws, `skip` logs the first failure of a step, then at most
 * one line in ten seconds per step with the number of records skipped since.
 */
export class FailureLog {
  readonly #log: Logger
  readonly #clock: Clock
  readonly #steps = new Map<string, { since: number; skipped: number }>()

  constructor(log: Logger, clock: Clock) {
    this.#log = log
    this.#clock = clock
  }

  record(error: MillraceError, policy: ErrorPolicy): void {
    if (policy.kind === 'fail') throw error
    const step = error.place.step ?? error.place.topic ?? ''
    const now = this.#clock.now()
    const state = this.#steps.get(step)
    if (state !== undefined && now - state.since < PAUSE_MS) {
      state.skipped++
      return
    }
    this.#steps.set(step, { since: now, skipped: 0 })
    const skipped = (state?.skipped ?? 0) + 1
    this.#log.warn(
      { code: error.code, ...error.place, skipped },
      `record skipped: ${error.message}`,
    )
  }
}
