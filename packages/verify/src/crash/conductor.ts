/**
 * Tells one crash story: feeds the input, runs the workers, brings the trouble of the plan over
 * them one after the other, and has the outcome checked.
 *
 * Between two troubles every worker must have committed twice and a part of the input must have
 * been processed, so that each hits work in full swing. What is claimed is seen: a kill by the end
 * of the process, a zombie by others owning its tasks, a refused delivery by the error.
 */
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Guarantee } from '@millrace/core'
import type { Children } from '../children.ts'
import { Random } from '../random.ts'
import { until } from '../waiting.ts'
import { Feeder } from './feeder.ts'
import { pointName } from './messages.ts'
import { type ClientSettings, SESSION_MS, storyTopics, WORKERS } from './story.ts'
import type { Trouble } from './trouble.ts'
import { WorkerProcess } from './worker-process.ts'

export interface StoryOptions {
  readonly id: string
  readonly settings: ClientSettings
  readonly guarantee: Guarantee
  readonly seed: number
  readonly troubles: readonly Trouble[]
  readonly perSecond: number
  readonly commitIntervalMs: number
  readonly idleMs: number
  /** How long the input is expected to take. */
  readonly feedMs: number
  /** Trouble that has not begun by then is left out. */
  readonly feedMsMax: number
  /** Restarts the broker; null = it is not ours. */
  readonly bounce: (() => Promise<void>) | null
  readonly signal: AbortSignal
  readonly say: (line: string) => void
}

/** Between two kills, of the longest input that the story could have. */
const SHARE_BETWEEN = 0.02
const COMMITS_BETWEEN = 2
const STUCK_MS = 90_000
/** So many in any case, however slow the machine is. */
const TROUBLES_MIN = 2
const START_OF_DAY_MS = 60_000

export class Conductor {
  kills = 0
  /** Fault points at which a process was killed. */
  readonly points: Set<string> = new Set()
  /** What must not happen. */
  readonly problems: string[] = []
  /** What may happen, and should be known. */
  readonly notes: string[] = []
  /** Where the workers write files. */
  readonly files: string
  readonly #options: StoryOptions
  readonly #children: Children
  readonly #random: Random
  readonly #workers: WorkerProcess[] = []
  readonly #positions = new Map<number, number>()
  readonly #commits: Map<WorkerProcess, number> = new Map()
  #processedBefore = 0
  #leastBetween = Number.POSITIVE_INFINITY
  /** The last one, until the next begins. */
  #trouble: Trouble['kind'] | null = null
  readonly #expected: Set<WorkerProcess> = new Set()
  #isEnding = false
  readonly #startedAt: number = performance.now()

  constructor(options: StoryOptions, children: Children) {
    this.#options = options
    this.#children = children
    this.files = join(children.folder, `${options.id}-files`)
    this.#random = new Random(options.seed ^ 0x5bd1e995)
  }

  /** Gives the number of input records when all trouble is over and the workers still run. */
  async tell(): Promise<number> {
    const { settings, id, seed, perSecond, troubles, feedMsMax } = this.#options
    const startAt = Math.floor(Date.now() / START_OF_DAY_MS) * START_OF_DAY_MS
    const traits = { seed, startAt, perSecond }
    for (let i = 0; i < WORKERS; i++) this.#start(i)
    const feeder = await Feeder.start(settings, storyTopics(id).input, traits)
    try {
      for (const [i, trouble] of troubles.entries()) {
        await this.#inFullSwing()
        if (i >= TROUBLES_MIN && performance.now() - this.#startedAt > feedMsMax) {
          this.notes.push(
            `there was no time for ${troubles.length - i} of ${troubles.length} troubles`,
          )
          break
        }
        this.#trouble = trouble.kind
        await this.#cause(trouble)
        this.#mark()
      }
      await this.#inFullSwing()
      const count = await feeder.end()
      if (this.#leastBetween < SHARE_BETWEEN * count) {
        this.notes.push(`between two troubles were ${this.#leastBetween} records once, below 2 %`)
      }
      return count
    } catch (error) {
      await feeder.close()
      throw error
    }
  }

  /** Has the workers finish, commit and leave. */
  async stop(): Promise<void> {
    this.#isEnding = true
    for (const worker of this.#workers) worker.signal('SIGTERM')
    await this.#until(
      () => this.#workers.every(worker => !worker.isRunning),
      () => `the workers end in order; ${this.#standing()}`,
    )
    for (const { name, ending } of this.#workers) {
      if (ending?.code !== 0) this.problems.push(`${name} did not end in order: ${text(ending)}`)
    }
  }

  /** The last lines of all logs, in the order of time. */
  logs(): string[] {
    return this.#logs.sort()
  }

  readonly #logs: string[] = []

  // ---- trouble

  async #cause(trouble: Trouble): Promise<void> {
    const victim = this.#workers[this.#random.below(WORKERS)] as WorkerProcess
    switch (trouble.kind) {
      case 'kill-at':
        this.#say(`${victim.name}: SIGKILL ${pointName(trouble.at)}`)
        this.#expected.add(victim)
        victim.dieAt(trouble.at)
        await this.#killed(victim)
        this.points.add(pointName(trouble.at))
        return this.#again(victim)
      case 'kill':
        this.#say(`${victim.name}: SIGKILL in ${trouble.afterMs} ms`)
        await this.#kill([victim], trouble.afterMs)
        return this.#again(victim)
      case 'kill-all': {
        this.#say(`all workers: SIGKILL in ${trouble.afterMs} ms`)
        const all = [...this.#workers]
        await this.#kill(all, trouble.afterMs)
        for (const worker of all) this.#again(worker)
        return
      }
      case 'lose-disk':
        this.#say(`${victim.name}: SIGKILL in ${trouble.afterMs} ms, and its disk is lost`)
        await this.#kill([victim], trouble.afterMs)
        await rm(victim.orders.folder, { recursive: true, force: true })
        return this.#again(victim)
      case 'zombie':
        this.#say(`${victim.name}: SIGSTOP ${pointName(trouble.at)}`)
        victim.freezeAt(trouble.at)
        return this.#zombie(victim)
      case 'refused-delivery':
        this.#say(`${victim.name}: an output is refused by the broker`)
        return this.#refused(victim)
      case 'bounce':
        this.#say('the broker goes down and comes again')
        return this.#options.bounce?.()
    }
  }

  async #kill(victims: readonly WorkerProcess[], afterMs: number): Promise<void> {
    await new Promise(resolve => setTimeout(resolve, afterMs))
    for (const victim of victims) {
      this.#expected.add(victim)
      victim.signal('SIGKILL')
    }
    for (const victim of victims) await this.#killed(victim)
  }

  async #killed(victim: WorkerProcess): Promise<void> {
    await this.#until(
      () => !victim.isRunning,
      () => `${victim.name} is killed; ${this.#standing()}`,
    )
    if (victim.ending?.signal === 'SIGKILL') this.kills++
    else this.problems.push(`${victim.name} was to be killed, and ended: ${text(victim.ending)}`)
  }

  async #zombie(victim: WorkerProcess): Promise<void> {
    await this.#until(
      () => victim.isFreezing,
      () => `${victim.name} is frozen; ${this.#standing()}`,
    )
    const since = performance.now()
    const { tasks } = victim
    const others = this.#workers.filter(worker => worker !== victim)
    const isOwned = ({ topic, partition }: { topic: string; partition: number }): boolean =>
      others.some(({ tasks: owned }) =>
        owned.some(task => task.topic === topic && task.partition === partition),
      )
    await this.#until(
      () => performance.now() - since > SESSION_MS && tasks.every(isOwned),
      () => `others have taken the tasks of the frozen ${victim.name}; ${this.#standing()}`,
    )
    this.#say(`${victim.name}: SIGCONT after ${((performance.now() - since) / 1000).toFixed(1)} s`)
    victim.signal('SIGCONT')
  }

  async #refused(victim: WorkerProcess): Promise<void> {
    victim.refuse()
    await this.#until(
      () => victim.hasRefused,
      () => `${victim.name} writes an output; ${this.#standing()}`,
    )
    this.#expected.add(victim)
    const hasNoticed = (): boolean => victim.log.some(line => line.includes('DELIVERY_FAILED'))
    await this.#until(
      hasNoticed,
      () => `${victim.name} notices that the broker refused its output; ${this.#standing()}`,
    )
    if (!victim.log.some(line => line.includes('fatal'))) {
      this.#expected.delete(victim)
      return
    }
    await this.#until(
      () => !victim.isRunning,
      () => `${victim.name} ends; ${this.#standing()}`,
    )
    this.#again(victim)
  }

  // ---- workers

  #start(index: number): void {
    const { id, settings, guarantee, commitIntervalMs, idleMs } = this.#options
    const name = `worker ${index}`
    const folder = join(this.#children.folder, `${id}-${index}`)
    const { files } = this
    const orders = { id, settings, guarantee, commitIntervalMs, idleMs, folder, files }
    this.#workers[index] = new WorkerProcess(this.#children, name, orders, worker =>
      this.#committed(worker),
    )
  }

  /** Starts another process in the place of one that has ended. */
  #again(worker: WorkerProcess): void {
    this.#logs.push(...worker.log)
    this.#start(this.#workers.indexOf(worker))
  }

  #committed(worker: WorkerProcess): void {
    this.#commits.set(worker, (this.#commits.get(worker) ?? 0) + 1)
    const { input } = storyTopics(this.#options.id)
    for (const { topic, partition, position } of worker.tasks) {
      if (topic !== input) continue
      this.#positions.set(partition, Math.max(position, this.#positions.get(partition) ?? 0))
    }
  }

  /** What ended by itself is started again, as a supervisor would do it. */
  #revive(): void {
    for (const worker of this.#workers) {
      if (worker.isRunning || this.#expected.has(worker) || this.#isEnding) continue
      const reason = worker.log.findLast(line => line.includes('fatal')) ?? text(worker.ending)
      const said = `${worker.name} ended by itself: ${reason}`
      // A process may give up on a broker that is gone; who runs it starts it again.
      if (this.#trouble === 'bounce') this.notes.push(`while the broker was away, ${said}`)
      else this.problems.push(said)
      this.#say(said)
      this.#again(worker)
    }
  }

  // ---- evidence

  #processed(): number {
    return [...this.#positions.values()].reduce((sum, position) => sum + position, 0)
  }

  #mark(): void {
    this.#commits.clear()
    this.#processedBefore = this.#processed()
  }

  async #inFullSwing(): Promise<void> {
    const { perSecond, feedMs } = this.#options
    const records = Math.ceil((SHARE_BETWEEN * perSecond * feedMs) / 1_000)
    const isWorking = (worker: WorkerProcess): boolean =>
      worker.isRunning &&
      worker.tasks.length > 0 &&
      (this.#commits.get(worker) ?? 0) >= COMMITS_BETWEEN
    await this.#until(
      () => this.#processed() - this.#processedBefore >= records && this.#workers.every(isWorking),
      () => `all workers are at work again; ${this.#standing()}`,
    )
    this.#leastBetween = Math.min(this.#leastBetween, this.#processed() - this.#processedBefore)
  }

  #standing(): string {
    const workers = this.#workers.map(({ name, tasks, ending, log }) => {
      const owned = tasks.map(({ topic, partition, position }) => {
        return `${topic.slice(this.#options.id.length + 1)}/${partition}@${position}`
      })
      const state = ending === null ? 'runs' : text(ending)
      return `${name} ${state}, ${owned.join(' ')}, last said: ${log.at(-1) ?? 'nothing'}`
    })
    return `${this.#processed()} records processed\n  ${workers.join('\n  ')}`
  }

  #until(condition: () => boolean, what: () => string): Promise<void> {
    const { signal } = this.#options
    const look = (): boolean => {
      this.#revive()
      return condition()
    }
    return until(look, { timeoutMs: STUCK_MS, signal, what })
  }

  #say(line: string): void {
    const seconds = ((performance.now() - this.#startedAt) / 1_000).toFixed(1).padStart(6)
    this.#options.say(`${seconds} s  ${line}`)
  }
}

function text(ending: WorkerProcess['ending']): string {
  return ending?.signal ?? `exit code ${ending?.code}`
}
