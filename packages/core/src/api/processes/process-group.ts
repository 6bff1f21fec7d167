/**
 * One application in several processes on this machine: starts them, starts one again that died,
 * and stops all of them together.
 *
 * A process whose run ends with an error has said why: the error is that of the whole, as it is
 * with one process. One that dies without a word is started again after a pause, until it has died
 * too often in a row. All are asked to stop at once, so that no partition goes to one that stops
 * next.
 */
import type { ChildProcess } from 'node:child_process'
import { MillraceError } from '../../errors.ts'
import type { Logger } from '../../runtime/logger.ts'
import type { StateStats } from '../../state/state-backend.ts'
import type { Clock } from '../../util/clock.ts'
import type { ApplicationStatus } from '../status.ts'
import { Member, type ProcessEnd, RESTARTS_MAX, STOP_MS_MAX } from './member.ts'
import { receivedError } from './process-messages.ts'
import { sumOfStats, wholeStatus } from './whole-status.ts'

export interface ProcessGroupOptions {
  readonly count: number
  readonly log: Logger
  readonly clock: Clock
  /** Aborted: all stop in order. */
  readonly signal: AbortSignal
  readonly start: (number: number) => ChildProcess
}

export class ProcessGroup {
  readonly #options: ProcessGroupOptions
  readonly #members: readonly Member[]
  readonly #stop = new AbortController()
  #failure: Error | null = null

  constructor(options: ProcessGroupOptions) {
    const { count, clock, start } = options
    this.#options = options
    this.#members = Array.from(
      { length: count },
      (_, number) => new Member(number, () => start(number), clock),
    )
  }

  /** Resolves after a graceful end of all; rejects with the first error. */
  async execute(): Promise<void> {
    const { signal } = this.#options
    const stop = (): void => this.#stop.abort()
    if (signal.aborted) stop()
    signal.addEventListener('abort', stop)
    await Promise.all(this.#members.map(member => this.#keep(member)))
    signal.removeEventListener('abort', stop)
    if (this.#failure !== null) throw this.#failure
  }

  status(): ApplicationStatus {
    const hasFailed = this.#failure !== null
    return wholeStatus(this.#members, { isStopping: this.#stop.signal.aborted, hasFailed })
  }

  async stateStats(): Promise<StateStats | null> {
    return sumOfStats(await Promise.all(this.#members.map(member => member.stateStats())))
  }

  /** One process after the other in this place, until all are to stop. */
  async #keep(member: Member): Promise<void> {
    const { signal } = this.#stop
    while (!signal.aborted) {
      const end = await member.run(signal)
      if (end.error !== null) this.#fail(receivedError(end.error))
      else if (signal.aborted) this.#checkStopped(member, end)
      else await this.#pause(member, end)
    }
  }

  async #pause(member: Member, { how }: ProcessEnd): Promise<void> {
    const { log, clock } = this.#options
    const pauseMs = member.pauseMs()
    if (pauseMs === null) {
      const text = `ended ${RESTARTS_MAX + 1} times in a row, the last time with ${how}`
      this.#fail(this.#processFailed(member, text))
      return
    }
    const what = `process ${member.number} ended with ${how}; it is started again in ${pauseMs} ms`
    log.warn({ process: member.number, how }, what)
    await clock.sleep(pauseMs, this.#stop.signal)
  }

  #checkStopped(member: Member, { hasSaidSo, wasKilled, how }: ProcessEnd): void {
    if (wasKilled) {
      const seconds = STOP_MS_MAX / 1_000
      this.#fail(this.#processFailed(member, `had not stopped after ${seconds} s and was killed`))
    } else if (!hasSaidSo) {
      this.#fail(this.#processFailed(member, `ended with ${how} while it was stopping`))
    }
  }

  #fail(error: Error): void {
    this.#failure ??= error
    this.#stop.abort()
  }

  #processFailed({ number }: Member, text: string): MillraceError {
    return new MillraceError(
      'PROCESS_FAILED',
      `process ${number} (of ${this.#options.count}, from 0) ${text}. What it had not committed ` +
        'is processed again at the next start. Its own lines in the log say more.',
      { retriable: true },
    )
  }
}
