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
import { isAmong, type TopicPartition } from '../record/topic-partition.ts'
import type { StateBackend } from '../state/state-backend.ts'
import type { Fetcher, GroupMember } from '../transport/transport.ts'
import { checkpoint } from './checkpoint.ts'
import { closeInTurn } from './close-in-turn.ts'
import { FailureLog } from './failure-log.ts'
import { GroupInbox } from './group-inbox.ts'
import { internalNames } from './internal-topic.ts'
import { Poller } from './poller.ts'
import { openProducers, type Producers } from './producers.ts'
import {
  isInternal,
  isTransactional,
  openBackend,
  type RunOptions,
  refuseWithoutTransactions,
} from './run-options.ts'
import { Slice } from './slice.ts'
import type { Task, TaskWorld } from './task.ts'
import { TaskSet } from './task-set.ts'
import { TaskState } from './task-state.ts'
import { type PreparedTopics, prepareTopics } from './topics.ts'
import type { Waiting } from './waiting.ts'

export type RunState = 'starting' | 'running' | 'stopping' | 'stopped' | 'failed'

/** The loop looks at the world at least this often; it bounds the wait for a command. */
const POLL_MS = 100
/** How often in a row an epoch may fail before the run does. */
const EPOCH_FAILURES_MAX = 5

export class Run {
  state: RunState = 'starting'
  /** True while the loop waits with nothing to do. */
  isWaiting = false
  /** How often the loop has gone round. */
  turns = 0
  readonly #options: RunOptions
  readonly #slice: Slice = new Slice()
  readonly #inbox: GroupInbox
  readonly #isTransactional: boolean
  #topics!: PreparedTopics
  /** Null: no task keeps state. */
  #backend: StateBackend | null = null
  #producers: Producers | null = null
  #state!: TaskState
  #tasks: TaskSet | null = null
  #fetcher: Fetcher | null = null
  #poller!: Poller
  #member: GroupMember | null = null
  #hasAssignment = false
  #epoch = 0
  /** The commit of the epoch was asked for, and nothing was heard of it. */
  #isInDoubt = false
  #failures = 0
  #barrierAt = 0

  constructor(options: RunOptions) {
    this.#options = options
    this.#isTransactional = isTransactional(options)
    this.#inbox = new GroupInbox({
      assigned: partitions => this.#assigned(partitions),
      revoked: partitions => this.#revoked(partitions),
      lost: partitions => this.#lost(partitions),
    })
  }

  get tasks(): readonly Task[] {
    return this.#tasks?.all ?? []
  }

  /** The epoch under way. */
  get epoch(): number {
    return this.#epoch
  }

  /** Resolves after a graceful end; rejects with the error that stopped the run. */
  async execute(): Promise<void> {
    const { signal } = this.#options
    const onAbort = (): void => this.#inbox.wake()
    signal.addEventListener('abort', onAbort)
    try {
      await this.#start()
      this.state = 'running'
      await this.#loop()
      this.state = 'stopping'
      this.#inbox.stop()
      await this.#inbox.empty()
      await this.#checkpoint(true)
      await this.#close()
      this.state = 'stopped'
    } catch (error) {
      this.state = 'failed'
      await this.#abort()
      await this.#close().catch(() => {})
      throw error
    } finally {
      signal.removeEventListener('abort', onAbort)
    }
  }

  async #start(): Promise<void> {
    const { pipeline, transport, clock, log, applicationId } = this.#options
    const { bufferBytesMax, batchRecordsMax, isBounded, flushes } = this.#options
    refuseWithoutTransactions(this.#options)
    await transport.open()
    const names = internalNames(applicationId, this.#isTransactional)
    this.#topics = await prepareTopics(pipeline, transport, names)
    const { partitionCounts, topicIds } = this.#topics
    const { changelog } = names
    const backend = await openBackend(this.#options)
    this.#backend = backend
    const waiting: Waiting = promise => this.#waiting(promise)
    const kept = { transport, backend, clock, log, changelog, topicIds, waiting }
    this.#state = new TaskState(kept)
    const producers = await openProducers(this.#options, backend)
    this.#producers = producers
    const fetcher = await transport.createFetcher({ bufferBytesMax, batchRecordsMax })
    this.#fetcher = fetcher
    this.#poller = new Poller(fetcher, clock, log)
    const world: TaskWorld = {
      clock,
      outputs: producers.outputs,
      internals: producers.internals,
      failures: new FailureLog(log, clock),
      partitionCounts,
      internalTopic: names.repartition,
      isBounded,
      flushes,
      startedAt: clock.now(),
    }
    const topics = this.#topics
    const set = { pipeline, transport, topics, world, state: this.#state, fetcher, log, waiting }
    this.#tasks = new TaskSet(set)
    this.#barrierAt = clock.now() + this.#options.commitIntervalMs
    await this.#takePartitions()
  }

  /** Local sources at once; topics as the group assigns them, or all of them when alone. */
  async #takePartitions(): Promise<void> {
    const { pipeline, membership, transport, applicationId } = this.#options
    const isAlone = membership === 'alone'
    for (const part of pipeline.subTopologies) {
      if (part.input.kind !== 'local' && !isAlone) continue
      const taskCount = this.#topics.taskCounts[part.id] as number
      for (let partition = 0; partition < taskCount; partition++) {
        await this.#tasks?.open(part, partition, null)
      }
    }
    const topics = pipeline.subTopologies.flatMap(part => this.#tasks?.leadTopic(part) ?? [])
    this.#hasAssignment = isAlone || topics.length === 0
    if (this.#hasAssignment) return
    const handlers = this.#inbox.handlers()
    const isLasting = this.#backend?.isDurable === true
    const instanceId = isLasting ? `${applicationId}-${this.#backend?.slot}` : undefined
    const group = { groupId: applicationId, topics: [...new Set(topics)], instanceId, ...handlers }
    this.#member = await transport.joinGroup(group)
  }

  async #loop(): Promise<void> {
    const { signal } = this.#options
    while (!signal.aborted && !this.#isDone()) {
      this.turns++
      await this.#inbox.empty()
      await this.#pullLocal()
      await this.#overcome()
      this.#acceptPolled()
      for (const task of this.tasks) await task.settled()
      if (this.#barrierIsDue()) await this.#checkpoint(false)
      // What the checkpoint has finished needs no further poll.
      if (this.#isDone()) break
      await this.#wait()
      this.#watch()
      await this.#slice.rest()
    }
  }

  /**
   * Until something was polled, or the group or the signal wants the loop. A poll under way is
   * kept.
   */
  async #wait(): Promise<void> {
    const polled = this.#poller.poll(this.#pollMs())
    if (this.#inbox.isFull || this.#options.signal.aborted) return
    await this.#waiting(Promise.race([polled, this.#inbox.woken()]))
  }

  async #overcome(): Promise<void> {
    const pause = this.#poller.pause(this.#options.signal)
    if (pause !== null) await this.#waiting(pause)
  }

  /** For whatever ends by time or by what others do; `isWaiting` tells of it. */
  async #waiting<T>(promise: Promise<T>): Promise<T> {
    this.isWaiting = true
    try {
      return await promise
    } finally {
      this.isWaiting = false
      this.turns++
    }
  }

  /** Only here, between two barriers, does a batch enter a task. */
  #acceptPolled(): void {
    const raw = this.#poller.take()
    if (raw !== null) this.#tasks?.reading(raw.topic, raw.partition)?.accept(raw)
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

  #watch(): void {
    const now = this.#options.clock.now()
    for (const task of this.tasks) {
      const { source } = task
      if (source === null || this.#poller.mayHold(source)) continue
      task.watch(now, this.#fetcher?.progress(source) ?? null)
    }
  }

  #barrierIsDue(): boolean {
    const now = this.#options.clock.now()
    return now >= this.#barrierAt || this.tasks.some(task => task.wantsBarrier(now))
  }

  /** @param leaving partitions whose tasks end with this commit. */
  async #checkpoint(isLast: boolean, leaving: readonly TopicPartition[] = []): Promise<void> {
    const { clock, pipeline, commitIntervalMs } = this.#options
    const now = clock.now()
    this.#barrierAt = now + commitIntervalMs
    const tasks = this.tasks
    const hasWork = tasks.some(task => task.hasChanged || task.wantsBarrier(now))
    if (!hasWork && !isLast) return
    try {
      await checkpoint(this.#epoch, now, tasks, {
        outputs: this.#producers?.plain ?? null,
        transaction: this.#producers?.transaction ?? null,
        member: this.#member,
        partitionCounts: this.#topics.partitionCounts,
        fingerprint: pipeline.fingerprint,
        changelogOf: task => this.#state.changelogOf(task.subTopology, task.partition),
        changelogEnd: task => this.#state.changelogEnd(task.subTopology, task.partition),
        keep: ({ subTopology, partition }, entries, position) =>
          this.#state.keep(subTopology, partition, entries, position),
        onCommitting: () => this.#mark(true),
        onCommitted: () => this.#mark(false),
        goesOn: ({ source }) => !isLast && !isAmong(leaving, source),
        onStep: this.#options.onCheckpoint ?? null,
      })
      this.#failures = 0
    } catch (error) {
      if (isLast || !this.#mayRepeat(error)) throw error
      const { message, code } = error as MillraceError
      this.#options.log.warn({ code }, `the epoch is repeated from the last commit: ${message}`)
      await this.#repeatEpoch(leaving)
    }
  }

  /**
   * A failed epoch is undone and read again where nothing internal of it can be left: it was in the
   * transaction, or there was none.
   */
  #mayRepeat(error: unknown): boolean {
    const isTried = ++this.#failures > EPOCH_FAILURES_MAX
    const hasLocal = this.tasks.some(({ source }) => source === null)
    const leavesNothing = this.#isTransactional || !isInternal(this.#options.pipeline)
    if (!leavesNothing || isTried || hasLocal || !MillraceError.is(error)) return false
    return error.retriable || error.code === 'FENCED'
  }

  /** Drops everything since the last commit and goes on from there, without the tasks in `gone`. */
  async #repeatEpoch(gone: readonly TopicPartition[]): Promise<void> {
    const sources = this.tasks.flatMap(({ source }) => source ?? [])
    await this.#poller.remove(sources)
    await this.#abort()
    await this.#tasks?.close(sources)
    await this.#producers?.renew()
    await this.#openTasks(sources.filter(source => !isAmong(gone, source)))
  }

  #mark(isInDoubt: boolean): void {
    this.#isInDoubt = isInDoubt
    if (!isInDoubt) this.#epoch++
  }

  /**
   * Sinks forget the epoch; not one whose commit has failed, which may have been done all the same:
   * who opens the task next finishes or removes it.
   */
  async #abort(): Promise<void> {
    if (!this.#isInDoubt) await this.#tasks?.abort(this.#epoch, this.tasks)
    this.#isInDoubt = false
  }

  #isDone(): boolean {
    return this.#options.isBounded && this.#hasAssignment && this.tasks.every(task => task.isDone)
  }

  // ---- partitions come and go

  async #assigned(partitions: readonly TopicPartition[]): Promise<void> {
    await this.#openTasks(partitions)
    this.#hasAssignment = true
  }

  async #openTasks(partitions: readonly TopicPartition[]): Promise<void> {
    for (const { topic, partition } of partitions) {
      const { subTopologies } = this.#options.pipeline
      const part = subTopologies.find(candidate => this.#tasks?.leadTopic(candidate) === topic)
      if (part === undefined) continue
      const epoch = await this.#tasks?.open(part, partition, this.#member)
      this.#epoch = Math.max(this.#epoch, epoch ?? 0)
    }
  }

  async #revoked(partitions: readonly TopicPartition[]): Promise<void> {
    await this.#checkpoint(false, partitions)
    await this.#poller.remove(partitions)
    await this.#tasks?.close(partitions)
  }

  /** Nothing of the lost tasks may be committed, also not with what the others did meanwhile. */
  async #lost(partitions: readonly TopicPartition[]): Promise<void> {
    // A run to the end is not at its end because it has nothing at the moment.
    this.#hasAssignment = false
    if (this.#isTransactional) return this.#repeatEpoch(partitions)
    await this.#poller.remove(partitions)
    // What was lost is repeated by its next owner, from the last commit on.
    const lost = this.tasks.filter(({ source }) => isAmong(partitions, source))
    await this.#tasks?.abort(this.#epoch, lost)
    await this.#tasks?.close(partitions)
  }

  async #close(): Promise<void> {
    this.#inbox.close()
    const steps = [
      async () => this.#tasks?.closeAll(),
      async () => this.#member?.leave(),
      async () => this.#fetcher?.close(),
      async () => this.#producers?.close(),
      async () => this.#backend?.close(),
      () => this.#options.transport.close(),
    ]
    await closeInTurn(steps)
  }
}
