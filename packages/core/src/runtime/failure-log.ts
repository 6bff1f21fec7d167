/**
 * Carries out error policies, for records that failed in any task of a run: `fail` throws, `skip`
 * drops the record, `dead-letter` gives the letter that the task has to write.
 *
 * Both log the first failure of a step, then at most one line in ten seconds per step with the
 * number of records since. A run that commits nothing (`collect`, iteration) writes no letters, as
 * it writes nothing else; there they are skipped.
 */
import type { MillraceError } from '../errors.ts'
import type { ErrorPolicy } from '../record/error-policy.ts'
import type { PlainRecord } from '../record/plain-record.ts'
import type { OutgoingRecords } from '../transport/raw-records.ts'
import type { Clock } from '../util/clock.ts'
import { deadLetterOf } from './dead-letter.ts'
import type { Logger } from './logger.ts'

const PAUSE_MS = 10_000

export class FailureLog {
  readonly #log: Logger
  readonly #clock: Clock
  readonly #application: string | null
  readonly #steps = new Map<string, { since: number; left: number }>()

  /** @param application who writes dead letters; null = none are written. */
  constructor(log: Logger, clock: Clock, application: string | null) {
    this.#log = log
    this.#clock = clock
    this.#application = application
  }

  /** @returns the dead letter to write; null = the record is dropped. */
  record(
    error: MillraceError,
    policy: ErrorPolicy,
    record: () => PlainRecord,
  ): OutgoingRecords | null {
    if (policy.kind === 'fail') throw error
    if (policy.kind === 'skip' || this.#application === null) {
      this.#tell(error, 'skipped', 'record skipped')
      return null
    }
    const { name } = policy.topic
    const letter = deadLetterOf(record(), error, name, this.#application)
    this.#tell(error, 'deadLettered', `record written to dead-letter topic ${name}`)
    return letter
  }

  #tell(error: MillraceError, counter: 'skipped' | 'deadLettered', what: string): void {
    const step = error.place.step ?? error.place.topic ?? ''
    const now = this.#clock.now()
    const state = this.#steps.get(step)
    if (state !== undefined && now - state.since < PAUSE_MS) {
      state.left++
      return
    }
    this.#steps.set(step, { since: now, left: 0 })
    const count = (state?.left ?? 0) + 1
    this.#log.warn(
      { code: error.code, ...error.place, [counter]: count },
      `${what}: ${error.message}`,
    )
  }
}
