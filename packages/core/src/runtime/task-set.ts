/**
 * The tasks of this process: opened where an earlier owner stopped, closed when they go.
 *
 * A task is known by the partition that the group gave, or by its id when all are this process's.
 */
import type { Pipeline, SubTopology } from '../operator/pipeline.ts'
import { isAmong, partitionName, type TopicPartition } from '../record/topic-partition.ts'
import type { Fetcher, GroupMember, Transport } from '../transport/transport.ts'
import type { Logger } from './logger.ts'
import { checkPartition } from './partition-counts.ts'
import { Task, type TaskStart, type TaskWorld } from './task.ts'
import { taskStart } from './task-start.ts'
import type { OpenState, TaskState } from './task-state.ts'
import type { PreparedTopics } from './topics.ts'
import type { Waiting } from './waiting.ts'

export interface TaskSetOptions {
  readonly pipeline: Pipeline
  readonly transport: Transport
  readonly topics: PreparedTopics
  readonly world: TaskWorld
  readonly state: TaskState
  readonly fetcher: Fetcher
  readonly log: Logger
  readonly waiting: Waiting
  /** Told when a task was restored, or could not be. */
  readonly onReady: () => void
}

/** A task on its way: its state is being restored, or waits for the run to open it. */
interface Restoring {
  readonly part: SubTopology
  readonly source: TopicPartition | null
  readonly partition: number
  readonly stop: AbortController
  /** Null: not yet. */
  outcome: { readonly state: OpenState | null } | { readonly error: unknown } | null
  done: Promise<void>
}

const NEVER = new Promise<void>(() => {})

export class TaskSet {
  readonly #options: TaskSetOptions
  readonly #tasks = new Map<string, Task>()
  /** In the order of coming. */
  readonly #restoring = new Set<Restoring>()
  #hasToldOfPlan = false

  constructor(options: TaskSetOptions) {
    this.#options = options
  }

  get all(): readonly Task[] {
    return [...this.#tasks.values()]
  }

  reading(topic: string, partition: number): Task | undefined {
    return this.#tasks.get(partitionName(topic, partition))
  }

  /**
   * Begins to restore the tasks of these partitions, side by side; `openReady` opens each when it
   * is. What is no task of the plan is passed over.
   */
  restore(partitions: readonly TopicPartition[]): void {
    const { subTopologies } = this.#options.pipeline
    for (const { topic, partition } of partitions) {
      const part = subTopologies.find(
        candidate => this.#options.world.names.lead(candidate) === topic,
      )
      if (part !== undefined) this.restoreTask(part, partition)
    }
  }

  restoreTask(part: SubTopology, partition: number): void {
    const topic = this.#options.world.names.lead(part)
    const source = topic === null ? null : { topic, partition }
    if (source !== null) checkPartition(part, source, this.#options.topics.partitionCounts)
    const stop = new AbortController()
    const restoring: Restoring = { part, source, partition, stop, outcome: null, done: NEVER }
    const settle = (outcome: Restoring['outcome']): void => {
      restoring.outcome = outcome
      this.#options.onReady()
    }
    restoring.done = this.#options.state.open(part, partition, stop.signal).then(
      state => settle({ state }),
      error => settle({ error }),
    )
    this.#restoring.add(restoring)
  }

  /** Tasks that are being restored, or wait to be opened. */
  get restoringCount(): number {
    return this.#restoring.size
  }

  /** Some of them are being restored. */
  get isRestoring(): boolean {
    return [...this.#restoring].some(({ outcome }) => outcome === null)
  }

  /** Some of them wait to be opened. */
  get hasReady(): boolean {
    return [...this.#restoring].some(({ outcome }) => outcome !== null)
  }

  /** Opens what was restored and begins to read; gives the greatest epoch one goes on with. */
  async openReady(member: GroupMember | null): Promise<number> {
    let epoch = 0
    for (const restoring of [...this.#restoring]) {
      const { part, source, partition, outcome } = restoring
      if (outcome === null) continue
      this.#restoring.delete(restoring)
      if ('error' in outcome) throw outcome.error
      epoch = Math.max(epoch, await this.#open(part, source, partition, outcome.state, member))
    }
    return epoch
  }

  /** Waits for everything that is being restored, and opens it. */
  async openAll(member: GroupMember | null): Promise<number> {
    await Promise.all([...this.#restoring].map(({ done }) => done))
    return this.openReady(member)
  }

  async #open(
    part: SubTopology,
    source: TopicPartition | null,
    partition: number,
    state: OpenState | null,
    member: GroupMember | null,
  ): Promise<number> {
    const { topics, world, log, fetcher, pipeline } = this.#options
    const start = await this.#startOf(part, source, state, member)
    const { input } = part
    const taskCount = topics.taskCounts[part.id] as number
    const upstreamCount = input.kind === 'repartition' ? topics.taskCounts[input.upstream] : 0
    const readsSource = this.#readsSource(part)
    const place = { partition, taskCount, upstreamCount: upstreamCount as number, readsSource }
    const task = new Task(part, place, start, world)
    this.#tasks.set(source === null ? task.id : partitionName(source.topic, partition), task)
    if (start.cleared.length > 0) await state?.clear(start.cleared, world.internals)
    await task.open(state)
    this.#tellOfPlan(start)
    const { position } = start
    if (source !== null && !task.isPulled) fetcher.add(source, position)
    log.debug({ task: task.id, ...source, position, plan: pipeline.fingerprint }, 'task opened')
    return (start.progress?.epoch ?? -1) + 1
  }

  /** A task of this part has its records from one partition, be it through internal topics. */
  #readsSource({ input }: SubTopology): boolean {
    if (input.kind !== 'repartition') return true
    const { pipeline, topics } = this.#options
    const upstream = pipeline.subTopologies[input.upstream] as SubTopology
    return topics.taskCounts[input.upstream] === 1 && this.#readsSource(upstream)
  }

  /** Two plans in one group are a deploy that is rolled out, or two applications with one id. */
  #tellOfPlan({ planBefore }: TaskStart): void {
    const { pipeline, log } = this.#options
    const plan = pipeline.fingerprint
    if (planBefore === null || planBefore === plan || this.#hasToldOfPlan) return
    this.#hasToldOfPlan = true
    log.info({ planBefore, plan }, 'another plan of this application id has committed before')
  }

  /**
   * Where a task begins. Who has lost it and does not know yet may find an offset that its next
   * owner committed after the state was read: so a verdict counts when the state is still the last.
   */
  async #startOf(
    part: SubTopology,
    source: TopicPartition | null,
    state: OpenState | null,
    member: GroupMember | null,
  ): Promise<TaskStart> {
    const { transport, topics, world, log, waiting } = this.#options
    const { isBounded, choices } = world
    const { partitionCounts } = topics
    const { admin } = transport
    const asked = { admin, member, isBounded, partitionCounts, log, waiting, choices: {} }
    for (let found = state?.found; ; ) {
      try {
        return await taskStart(part, source, found, asked)
      } catch {
        const last = state === null ? undefined : await waiting(state.catchUp())
        if (last?.marker?.epoch === found?.marker?.epoch) {
          return await taskStart(part, source, last, { ...asked, choices })
        }
        found = last
      }
    }
  }

  /** Has the sinks of tasks forget what they took since the last prepared epoch, and `epoch`. */
  async abort(epoch: number, tasks: readonly Task[]): Promise<void> {
    await Promise.allSettled(tasks.map(task => task.graph.abort(epoch)))
  }

  /**
   * Closes the tasks of these partitions, also those being restored; reading must have ended
   * before.
   */
  async close(partitions: readonly TopicPartition[]): Promise<void> {
    await this.#giveUp(({ source }) => isAmong(partitions, source))
    for (const { topic, partition } of partitions) {
      const name = partitionName(topic, partition)
      const task = this.#tasks.get(name)
      if (task === undefined) continue
      this.#tasks.delete(name)
      await this.#close(task)
    }
  }

  /** Closes every task, also when one of them fails; throws the first failure. */
  async closeAll(): Promise<void> {
    await this.#giveUp(() => true)
    const closing = this.all.map(task => this.#close(task))
    this.#tasks.clear()
    for (const result of await Promise.allSettled(closing)) {
      if (result.status === 'rejected') throw result.reason
    }
  }

  async #giveUp(isMeant: (restoring: Restoring) => boolean): Promise<void> {
    for (const restoring of [...this.#restoring].filter(isMeant)) {
      this.#restoring.delete(restoring)
      restoring.stop.abort()
      await restoring.done
      await this.#options.state.close(restoring.part, restoring.partition)
    }
  }

  async #close(task: Task): Promise<void> {
    await task.close()
    await this.#options.state.close(task.subTopology, task.partition)
  }
}
