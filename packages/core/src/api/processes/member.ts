/**
 * One place among the processes of an application, and whoever is in it.
 *
 *   empty ─ run ─► starting ─► running ─► asked to stop ─► ended
 *                     └───────────┴──── died ─────────────► ended
 *
 * A process that was asked to stop and has not ended in time is killed.
 */
import type { ChildProcess } from 'node:child_process'
import type { StateStats } from '../../state/state-backend.ts'
import type { Clock } from '../../util/clock.ts'
import type { ApplicationStatus, ProcessStatus } from '../status.ts'
import type { SaidByChild, SentError, ToldToChild } from './process-messages.ts'

/** How long a process may take to stop. */
export const STOP_MS_MAX = 60_000
const STATS_MS_MAX = 5_000
/** What it said last may still be on its way when it has ended. */
const LAST_WORDS_MS_MAX = 1_000
/** A process that lived for so long has nothing to do with deaths before it. */
const WELL_MS = 60_000
/** So many deaths in a row are followed by another start. */
export const RESTARTS_MAX = 5
const PAUSE_MS = 250
const PAUSE_MS_MAX = 10_000

export interface ProcessEnd {
  /** `SIGKILL`, `exit code 1`. */
  readonly how: string
  /** It said that its run has ended. */
  readonly hasSaidSo: boolean
  readonly error: SentError | null
  /** It was asked to stop, and had not ended in time. */
  readonly wasKilled: boolean
}

export class Member {
  readonly number: number
  readonly #start: () => ChildProcess
  readonly #clock: Clock
  #child: ChildProcess | null = null
  #isAsked = false
  #startedAt = 0
  #starts = 0
  #deaths = 0
  #lastEnd: string | null = null
  #said: ApplicationStatus | null = null
  #calls = 0
  readonly #answers = new Map<number, (stats: StateStats | null) => void>()

  constructor(number: number, start: () => ChildProcess, clock: Clock) {
    this.number = number
    this.#start = start
    this.#clock = clock
  }

  /** What its process said last; null: nothing yet. */
  get said(): ApplicationStatus | null {
    return this.#said
  }

  status(): ProcessStatus {
    const { state = 'starting', epochs = 0, tasks = [], counters = {} } = this.#said ?? {}
    return {
      number: this.number,
      pid: this.#child?.pid ?? null,
      state: this.#child === null ? 'stopped' : this.#isAsked ? 'stopping' : state,
      restarts: Math.max(0, this.#starts - 1),
      lastEnd: this.#lastEnd,
      epochs,
      tasks: tasks.map(({ id }) => id),
      counters,
    }
  }

  /** From its start to its end. @param stop aborted: it is asked to stop. */
  async run(stop: AbortSignal): Promise<ProcessEnd> {
    const child = this.#start()
    this.#child = child
    this.#starts++
    this.#startedAt = this.#clock.now()
    const over = new AbortController()
    let last: Extract<SaidByChild, { millrace: 'ended' }> | null = null
    let wasKilled = false
    child.on('message', said => {
      const heard = said as SaidByChild
      if (heard?.millrace === 'ended') last = heard
      else this.#hear(heard)
    })
    const ask = async (): Promise<void> => {
      this.#isAsked = true
      this.#tell({ millrace: 'stop' })
      await this.#clock.sleep(STOP_MS_MAX, over.signal)
      if (over.signal.aborted) return
      wasKilled = true
      child.kill('SIGKILL')
    }
    if (stop.aborted) void ask()
    else stop.addEventListener('abort', ask, { once: true, signal: over.signal })
    const how = await this.#ended(child)
    over.abort()
    this.#child = null
    this.#said = null
    this.#lastEnd = how
    for (const answer of this.#answers.values()) answer(null)
    const { error = null } = (last as { error: SentError | null } | null) ?? {}
    return { how, hasSaidSo: last !== null, error, wasKilled }
  }

  /** How long to wait after a death until it is started again; null: it has died too often. */
  pauseMs(): number | null {
    if (this.#clock.now() - this.#startedAt >= WELL_MS) this.#deaths = 0
    this.#deaths++
    if (this.#deaths > RESTARTS_MAX) return null
    return Math.min(PAUSE_MS_MAX, PAUSE_MS * 2 ** (this.#deaths - 1))
  }

  /** Null: it keeps no state, or does not answer in time. */
  async stateStats(): Promise<StateStats | null> {
    if (this.#child === null) return null
    const call = this.#calls++
    const over = new AbortController()
    const answered = new Promise<StateStats | null>(resolve => this.#answers.set(call, resolve))
    this.#tell({ millrace: 'stats', call })
    const late = this.#clock.sleep(STATS_MS_MAX, over.signal).then(() => null)
    const stats = await Promise.race([answered, late])
    over.abort()
    this.#answers.delete(call)
    return stats
  }

  #hear(said: SaidByChild): void {
    if (said?.millrace === 'status') this.#said = said.status
    if (said?.millrace === 'stats') this.#answers.get(said.call)?.(said.stats)
  }

  #tell(told: ToldToChild): void {
    // One that has just ended hears nothing, which is no error.
    if (this.#child?.connected) this.#child.send(told, () => {})
  }

  async #ended(child: ChildProcess): Promise<string> {
    const how = await new Promise<string>(resolve => {
      child.once('exit', (code, signal) => resolve(signal ?? `exit code ${code}`))
      // Without a process there is no exit.
      child.on('error', error => {
        if (child.pid === undefined) resolve(error.message)
      })
    })
    if (!child.connected) return how
    const over = new AbortController()
    const silent = new Promise(resolve => child.once('disconnect', resolve))
    await Promise.race([silent, this.#clock.sleep(LAST_WORDS_MS_MAX, over.signal)])
    over.abort()
    return how
  }
}
