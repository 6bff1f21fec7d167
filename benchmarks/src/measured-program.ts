/**
 * A program under measure, seen from outside: started, watched, killed.
 *
 * `program.ts` tells it samples of its status; whoever measures waits for one with `until`. It
 * lives no longer than `RUN_MS_MAX`, nor than this process.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import type { StateStats } from '@millrace/core'
import type { Job, Said, Sample } from './job.ts'

const PROGRAM = new URL('./program.js', import.meta.url)
/** No run of a program is longer. */
const RUN_MS_MAX = 8 * 60_000

export class MeasuredProgram {
  readonly startedAt = Date.now()
  readonly samples: Sample[] = []
  readonly #child: ChildProcess
  readonly #ended: Promise<void>
  #onSaid = (): void => {}
  #stats: StateStats | null | undefined

  /** @param nodeOptions of Node itself, for example `--cpu-prof`. */
  constructor(job: Job, nodeOptions: readonly string[] = []) {
    const env = { ...process.env, MILLRACE_LOG: process.env['MILLRACE_LOG'] ?? 'warn' }
    const profile = (process.env['BENCH_NODE_OPTIONS'] ?? '').split(' ').filter(Boolean)
    const execArgv = [...nodeOptions, ...profile]
    this.#child = fork(PROGRAM, [JSON.stringify(job)], { env, execArgv })
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), RUN_MS_MAX)
    this.#ended = new Promise((resolve, reject) => {
      let failure: string | null = 'it ended without a word'
      this.#child.on('message', (said: Said) => {
        if (said.kind === 'sample') this.samples.push(said.sample)
        if (said.kind === 'state') this.#stats = said.stats
        if (said.kind === 'ended') failure = said.error
        this.#onSaid()
      })
      this.#child.on('exit', () => {
        clearTimeout(timer)
        this.#onSaid()
        if (failure === null) resolve()
        else reject(new Error(`the program under measure failed: ${failure}`))
      })
    })
    this.#ended.catch(() => {})
  }

  get last(): Sample | undefined {
    return this.samples.at(-1)
  }

  /** Resolves after a graceful end. */
  ended(): Promise<void> {
    return this.#ended
  }

  /** Waits for a sample of which this is true. */
  async until(isReached: (sample: Sample) => boolean): Promise<Sample> {
    for (;;) {
      const last = this.last
      if (last !== undefined && isReached(last)) return last
      const said = new Promise<void>(resolve => {
        this.#onSaid = resolve
      })
      await Promise.race([said, this.#ended])
      if (this.#child.exitCode !== null) throw new Error('the program under measure has ended')
    }
  }

  async stateStats(): Promise<StateStats | null> {
    this.#stats = undefined
    this.#child.send('state')
    await this.until(() => this.#stats !== undefined)
    return this.#stats ?? null
  }

  async stop(): Promise<void> {
    this.#child.send('stop')
    await this.#ended
  }

  /** As `kill -9`. */
  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    this.#child.kill('SIGKILL')
    await once(this.#child, 'exit')
  }
}
