/**
 * One run of a pipeline in this process: from connecting to the last commit.
 *
 * A single loop takes the next batch of any partition, gives it to its task, looks after time and
 * commits epochs. What the group tells (partitions come and go) waits in `#commands` until the loop
 * is between two batches. Work is cut in slices, so that the user's own server, heartbeats and
 * callbacks live.
 *
 *   starting ─► running ─► stopping ─► stopped
 *        └─────────┴──────────┴──────► failed
 */
import { MillraceError } from '../errors.ts'
import type { Pipeline, SubTopology } from '../operator/pipeline.ts'
import { partitionName, type TopicPartition } from '../record/topic-partition.ts'
import type { StateBackend, StateBackendFactory, StateSpace } from '../state/state-backend.ts'
import type { Fetcher, GroupMember, Producer, Transport } from '../transport/transport.ts'
import type { Clock } from '../util/clock.ts'
import { checkpoint } from './checkpoint.ts'
import { FailureLog } from './failure-log.ts'
import { internalTopicName } from './internal-topic.ts'
import type { Logger } from './logger.ts'
import { Poller } from './poller.ts'
import { Slice } from './slice.ts'
import { Task, type TaskWorld } from './task.ts'
import { taskStart } from './task-start.ts'
import { type PreparedTopics, prepareTopics } from './topics.ts'

export interface RunOptions {
  readonly applicationId: string
  readonly pipeline: Pipeline
  readonly transport: Transport
  readonly log: Logger
  readonly clock: Clock
  readonly state: StateBackendFactory
  readonly commitIntervalMs: number
  readonly batchRecordsMax: number
  readonly bufferBytesMax: number
  /** `alone`: reads everything from the beginning, joins no group and commits nothing. */
  readonly membership: 'group' | 'alone'
  /** Ends at the high watermarks found at the start. */
  readonly isBounded: boolean
  /** At the end of a bounded run every window closes. */
  readonly flushes: boolean
  /** Aborted: finish, commit, leave. */
  readonly signal: AbortSignal
}

export type RunState = 'starting' | 'running' | 'stopping' | 'stopped' | 'failed'

/** The loop looks at the world at least this often; it bounds the wait for a command. */
const POLL_MS = 100

export class Run {
  state: RunState = 'starting'
  /** True while the loop waits with nothing to do. */
  isWaiting = false
  /** How often the loop has gone round. */
  turns = 0
  readonly #options: RunOptions
  readonly #tasks = new Map<string, Task>()
  readonly #spaces = new Map<Task, StateSpace>()
  readonly #commands: (() => Promise<void>)[] = []
  readonly #slice: Slice = new Slice()
  /** Null: no task keeps state. */
  #state: StateBackend | null = null
  #topics!: PreparedTopics
  #world!: TaskWorld
  #producer!: Producer
  #fetcher!: Fetcher
  #poller!: Poller
  #member: GroupMember | null = null
  #hasAssignment = false
  #isClosing = false
  #epoch = 0
  #barrierAt = 0
  #wake: () => void = () => {}
  /** Answers to the group that wait for the loop; given at once when the run ends. */
  readonly #revocations = new Set<() => void>()

  constructor(options: RunOptions) {
    this.#options = options
  }

  get tasks(): readonly Task[] {
    return [...this.#tasks.values()]
  }

  /** The epoch under way: as many as this run has committed. */
  get epoch(): number {
    return this.#epoch
  }

  /** Resolves after a graceful end; rejects with the error that stopped the run. */
  async execute(): Promise<void> {
    const { signal } = this.#options
    const onAbort = (): void => this.#wake()
    signal.addEventListener('abort', onAbort)
    try {
      await this.#start()
      this.state = 'running'
      await this.#loop()
      this.state = 'stopping'
      await this.#runCommands()
      await this.#checkpoint(true)
      await this.#close()
      this.state = 'stopped'
    } catch (error) {
      this.state = 'failed'
      await Promise.allSettled(this.tasks.map(task => task.graph.abort(this.#epoch)))
      await this.#close().catch(() => {})
      throw error
    } finally {
      signal.removeEventListener('abort', onAbort)
    }
  }

  async #start(): Promise<void> {
    const { pipeline, transport, clock, log, applicationId } = this.#options
    const internalTopic = (identity: string): string =>
      internalTopicName(applicationId, identity, 'repartition')
    this.#state = await this.#openState()
    await transport.open()
    this.#topics = await prepareTopics(pipeline, transport, internalTopic)
    this.#producer = await transport.createProducer()
    const { bufferBytesMax, batchRecordsMax, isBounded, flushes } = this.#options
    this.#fetcher = await transport.createFetcher({ bufferBytesMax, batchRecordsMax })
    this.#poller = new Poller(this.#fetcher, clock, log)
    this.#world = {
      clock,
      producer: this.#producer,
      failures: new FailureLog(log, clock),
      partitionCounts: this.#topics.partitionCounts,
      internalTopic,
      isBounded,
      flushes,
      startedAt: clock.now(),
    }
    this.#barrierAt = clock.now() + this.#options.commitIntervalMs
    await this.#takePartitions()
  }

  async #openState(): Promise<StateBackend | null> {
    const { pipeline, state, applicationId, log } = this.#options
    if (!pipeline.subTopologies.some(({ isStateful }) => isStateful)) return null
    // Nothing is read back from the backend yet, so nothing is lost with it.
    return state.create({ applicationId, log, canRebuild: true })
  }

  /** Local sources at once; topics as the group assigns them, or all of them when alone. */
  async #takePartitions(): Promise<void> {
    const { pipeline, membership, transport, applicationId } = this.#options
    const isAlone = membership === 'alone'
    for (const part of pipeline.subTopologies) {
      if (part.input.kind !== 'local' && !isAlone) continue
      const taskCount = this.#topics.taskCounts[part.id] as number
      for (let partition = 0; partition < taskCount; partition++)
        await this.#addTask(part, partition)
    }
    const topics = pipeline.subTopologies.flatMap(part => this.#leadTopic(part) ?? [])
    this.#hasAssignment = isAlone || topics.length === 0
    if (this.#hasAssignment) return
    this.#member = await transport.joinGroup({
      groupId: applicationId,
      topics: [...new Set(topics)],
      onAssigned: partitions => this.#command(() => this.#assigned(partitions)),
      onRevoked: partitions => this.#answerRevocation(partitions),
      onLost: partitions => this.#command(() => this.#revoked(partitions, false)),
      onError: error => this.#command(() => Promise.reject(error)),
    })
  }

  async #loop(): Promise<void> {
    const { signal } = this.#options
    while (!signal.aborted && !this.#isDone()) {
      this.turns++
      await this.#runCommands()
      await this.#pullLocal()
      await this.#overcome()
      this.#acceptPolled()
      await this.#settle()
      if (this.#barrierIsDue()) await this.#checkpoint(false)
      if (this.#isDone()) break
      await this.#wait()
      this.#watch()
      await this.#slice.rest()
    }
  }

  /**
   * Until something was polled, or a command or the signal wants the loop. A poll under way is
   * kept.
   */
  async #wait(): Promise<void> {
    const polled = this.#poller.poll(this.#pollMs())
    if (this.#commands.length > 0 || this.#options.signal.aborted) return
    const woken = new Promise<void>(resolve => {
      this.#wake = resolve
    })
    this.isWaiting = true
    await Promise.race([polled, woken])
    this.isWaiting = false
  }

  async #overcome(): Promise<void> {
    const pause = this.#poller.pause(this.#options.signal)
    if (pause === null) return
    this.isWaiting = true
    await pause
    this.isWaiting = false
  }

  /** Only here, between two barriers, does a batch enter a task. */
  #acceptPolled(): void {
    const raw = this.#poller.take()
    if (raw !== null) this.#tasks.get(partitionName(raw.topic, raw.partition))?.accept(raw)
  }

  #pollMs(): number {
    const isReading = this.tasks.some(({ source, isFinal }) => source === null && !isFinal)
    if (isReading) return 0
    const now = this.#options.clock.now()
    const decisionAt = Math.min(...this.tasks.map(task => task.nextDecisionAt()))
    const until = Math.min(this.#barrierAt, decisionAt) - now
    return Math.max(1, Math.min(POLL_MS, Math.ceil(until)))
  }

  async #pullLocal(): Promise<void> {
    for (const task of this.tasks) {
      if (task.source === null) await task.pull(this.#options.batchRecordsMax)
    }
  }

  async #settle(): Promise<void> {
    for (const task of this.#tasks.values()) await task.settled()
  }

  #watch(): void {
    const now = this.#options.clock.now()
    for (const task of this.#tasks.values()) {
      const { source } = task
      if (source === null || this.#poller.holds(source)) continue
      task.watch(now, this.#fetcher.progress(source))
    }
  }

  #barrierIsDue(): boolean {
    const now = this.#options.clock.now()
    return now >= this.#barrierAt || this.tasks.some(task => task.wantsBarrier(now))
  }

  async #checkpoint(isLast: boolean): Promise<void> {
    const { clock, pipeline, commitIntervalMs } = this.#options
    const now = clock.now()
    this.#barrierAt = now + commitIntervalMs
    const tasks = this.tasks
    const hasWork = tasks.some(task => task.hasChanged || task.wantsBarrier(now))
    if (!hasWork && !isLast) return
    await checkpoint(this.#epoch, now, tasks, {
      producer: this.#producer,
      member: this.#member,
      partitionCounts: this.#topics.partitionCounts,
      fingerprint: pipeline.fingerprint,
      spaceOf: task => this.#spaces.get(task) ?? null,
      onCommitted: () => this.#epoch++,
    })
  }

  #isDone(): boolean {
    const { isBounded } = this.#options
    const tasks = this.tasks
    const isLocalOnly = this.#options.pipeline.subTopologies.every(
      ({ input }) => input.kind === 'local',
    )
    return (isBounded || isLocalOnly) && this.#hasAssignment && tasks.every(task => task.isDone)
  }

  // ---- partitions come and go

  #command(command: () => Promise<void>): void {
    this.#commands.push(command)
    this.#wake()
  }

  async #runCommands(): Promise<void> {
    for (let next = this.#commands.shift(); next !== undefined; next = this.#commands.shift()) {
      await next()
    }
  }

  async #assigned(partitions: readonly TopicPartition[]): Promise<void> {
    for (const { topic, partition } of partitions) {
      const part = this.#options.pipeline.subTopologies.find(
        candidate => this.#leadTopic(candidate) === topic,
      )
      if (part !== undefined) await this.#addTask(part, partition)
    }
    this.#hasAssignment = true
  }

  /**
   * Resolves when the tasks are closed. A run that stops gives the partitions up after its last
   * commit, which would be refused without them.
   */
  #answerRevocation(partitions: readonly TopicPartition[]): Promise<void> {
    if (this.#isClosing) return Promise.resolve()
    return new Promise(resolve => {
      this.#revocations.add(resolve)
      if (this.state === 'stopping') return
      this.#command(async () => {
        await this.#revoked(partitions, true)
        this.#revocations.delete(resolve)
        resolve()
      })
    })
  }

  async #revoked(partitions: readonly TopicPartition[], mayCommit: boolean): Promise<void> {
    if (mayCommit) await this.#checkpoint(false)
    await this.#poller.remove(partitions)
    for (const { topic, partition } of partitions) {
      const name = partitionName(topic, partition)
      const task = this.#tasks.get(name)
      if (task === undefined) continue
      this.#tasks.delete(name)
      // What was lost is repeated by its next owner, from the last commit on.
      if (!mayCommit) await task.graph.abort(this.#epoch)
      await this.#closeTask(task)
    }
  }

  async #addTask(part: SubTopology, partition: number): Promise<void> {
    const { transport, log, isBounded, pipeline } = this.#options
    const topic = this.#leadTopic(part)
    const source = topic === null ? null : { topic, partition }
    const start = await taskStart(part, source, {
      admin: transport.admin,
      member: this.#member,
      isBounded,
      partitionCounts: this.#topics.partitionCounts,
      log,
    })
    const taskCount = this.#topics.taskCounts[part.id] as number
    const task = new Task(part, { partition, taskCount }, start, this.#world)
    const name = source === null ? `local ${task.id}` : partitionName(source.topic, partition)
    if (part.isStateful && this.#state !== null)
      this.#spaces.set(task, await this.#state.open(`${part.id}/${partition}`))
    this.#tasks.set(name, task)
    await task.open()
    if (source !== null) this.#fetcher.add(source, start.position)
    log.debug({ task: task.id, ...source, ...start, plan: pipeline.fingerprint }, 'task opened')
  }

  #leadTopic({ input }: SubTopology): string | null {
    if (input.kind === 'local') return null
    return input.kind === 'topic' ? input.topic : this.#world.internalTopic(input.identity)
  }

  async #closeTask(task: Task): Promise<void> {
    await task.close()
    await this.#spaces.get(task)?.close()
    this.#spaces.delete(task)
  }

  async #close(): Promise<void> {
    this.#isClosing = true
    for (const answer of this.#revocations) answer()
    const steps = [
      ...this.tasks.map(task => () => this.#closeTask(task)),
      async () => this.#member?.leave(),
      async () => this.#fetcher?.close(),
      async () => this.#producer?.close(),
      () => this.#options.transport.close(),
      async () => this.#state?.close(),
    ]
    this.#tasks.clear()
    let failure: unknown
    for (const step of steps) await step().catch(error => (failure ??= error))
    if (failure === undefined) return
    throw MillraceError.is(failure)
      ? failure
      : new MillraceError('INTERNAL', `closing failed: ${String(failure)}`, { cause: failure })
  }
}
