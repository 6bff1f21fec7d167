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
import type { MillraceError } from '../errors.ts'
import { isAmong, type TopicPartition } from '../record/topic-partition.ts'
import type { StateBackend, StateStats } from '../state/state-backend.ts'
import { StateMemory, type StateMemoryStatus, shareMemory } from '../state/state-memory.ts'
import type { Fetcher, GroupMember } from '../transport/transport.ts'
import { closeInTurn } from './close-in-turn.ts'
import { type CommitStatus, type EpochParts, Epochs } from './epochs.ts'
import { FailureLog } from './failure-log.ts'
import { GroupInbox } from './group-inbox.ts'
import { internalNames } from './internal-topic.ts'
import { Poller } from './poller.ts'
import { openProducers, type Producers } from './producers.ts'
import { Rest } from './rest.ts'
import type { RestoreStatus } from './restore-progress.ts'
import {
  isTransactional,
  openBackend,
  type RunOptions,
  refuseWithoutTransactions,
} from './run-options.ts'
import { Slice } from './slice.ts'
import { StandStill } from './stand-still.ts'
import type { Task, TaskWorld } from './task.ts'
import { TaskSet } from './task-set.ts'
import { TaskState } from './task-state.ts'
import { type PreparedTopics, prepareTopics } from './topics.ts'

export type RunState = 'starting' | 'running' | 'stopping' | 'stopped' | 'failed'

/** The loop looks at the world at least this often; it bounds the wait for a command. */
const POLL_MS = 100

export class Run {
  state: RunState = 'starting'
  readonly #options: RunOptions
  readonly #rest = new Rest()
  readonly #inbox: GroupInbox
  readonly #isTransactional: boolean
  readonly #memory: StateMemory
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
  readonly #epochs: Epochs
  readonly #standStill: StandStill

  constructor(options: RunOptions) {
    this.#options = options
    this.#isTransactional = isTransactional(options)
    this.#memory = new StateMemory(shareMemory(options.stateBytesMax).live)
    this.#standStill = new StandStill(options.clock)
    this.#epochs = new Epochs(options, this.#memory, () => this.#inbox.wake())
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
    return this.#epochs.number
  }

  /** The commit that ended last; null = none has. */
  get lastCommit(): CommitStatus | null {
    return this.#epochs.last
  }

  /** Goes up whenever something moved. */
  get turns(): number {
    return this.#rest.turns
  }

  /** True while the loop waits with nothing to do, and no commit is under way. */
  get isWaiting(): boolean {
    const isRestoring = this.#tasks?.isRestoring === true
    return !this.#epochs.isUnderWay && this.#rest.isReached(isRestoring)
  }

  /** How the last restore of each task went, or goes. */
  get restores(): readonly RestoreStatus[] {
    return this.#state?.restores() ?? []
  }

  get stateMemory(): StateMemoryStatus {
    return this.#memory.status()
  }

  /** What the backend holds and has done; null = no task keeps state, or not yet. */
  async stateStats(): Promise<StateStats | null> {
    return (await this.#backend?.stats()) ?? null
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
      await this.#epochs.end(this.#parts, { isLast: true, leaving: [] })
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
    const { pipeline, transport, clock, log, applicationId, stateBytesMax } = this.#options
    const { bufferBytesMax, batchRecordsMax, isBounded, flushes, membership } = this.#options
    refuseWithoutTransactions(this.#options)
    await transport.open()
    const names = internalNames(applicationId, this.#isTransactional)
    this.#topics = await prepareTopics(pipeline, transport, names, this.#options.choices)
    const { partitionCounts, topicIds } = this.#topics
    const backend = await openBackend(this.#options)
    this.#backend = backend
    const { waiting } = this.#rest
    const kept = { transport, backend, clock, log, changelog: names.changelog, topicIds }
    this.#state = new TaskState({ ...kept, stateBytesMax, waiting: this.#rest.waitingBeside })
    const producers = await openProducers(this.#options, backend)
    this.#producers = producers
    const fetcher = await transport.createFetcher({ bufferBytesMax, batchRecordsMax })
    this.#fetcher = fetcher
    this.#poller = new Poller(fetcher, clock, log)
    const world: TaskWorld = {
      clock,
      outputs: producers.outputs,
      internals: producers.internals,
      log,
      failures: new FailureLog(log, clock, membership === 'alone' ? null : applicationId),
      partitionCounts,
      memory: this.#memory,
      names,
      isBounded,
      flushes,
      startedAt: clock.now(),
      choices: this.#options.choices,
    }
    const set = { pipeline, transport, world, state: this.#state, fetcher, log, waiting }
    this.#tasks = new TaskSet({ ...set, topics: this.#topics, onReady: () => this.#inbox.wake() })
    await this.#takePartitions()
  }

  /** Local sources that aren't resumed at once; else as the group assigns, or all when alone. */
  async #takePartitions(): Promise<void> {
    const { pipeline, membership, transport, applicationId } = this.#options
    const isAlone = membership === 'alone'
    const { lead } = this.#topics.names
    for (const part of pipeline.subTopologies) {
      if (lead(part) !== null && !isAlone) continue
      const taskCount = this.#topics.taskCounts[part.id] as number
      for (let partition = 0; partition < taskCount; partition++) {
        this.#tasks?.restoreTask(part, partition)
      }
    }
    await this.#tasks?.openAll(null)
    const topics = pipeline.subTopologies.flatMap(part => lead(part) ?? [])
    this.#hasAssignment = isAlone || topics.length === 0
    if (this.#hasAssignment) return
    const isLasting = this.#backend?.isDurable === true
    const instanceId = isLasting ? `${applicationId}-${this.#backend?.slot}` : undefined
    const group = { groupId: applicationId, topics: [...new Set(topics)], instanceId }
    this.#member = await transport.joinGroup({ ...group, ...this.#inbox.handlers() })
  }

  async #loop(): Promise<void> {
    const { signal, clock } = this.#options
    const slice = new Slice(clock)
    while (!signal.aborted && !this.#isDone()) {
      this.#rest.turns++
      await this.#inbox.empty()
      await this.#proveAwake()
      if (this.#epochs.hasFailed) await this.#endEpoch()
      await this.#openReady()
      if (this.tasks.some(({ mustCommit }) => mustCommit)) await this.#endEpoch()
      if (!this.#epochs.isFull(this.#producers)) {
        await this.#takeIn()
        for (const task of this.tasks) await task.settled()
      }
      if (this.#epochs.isDue(this.tasks)) await this.#endEpoch()
      // What the checkpoint has finished needs no further poll.
      if (this.#isDone()) break
      await this.#wait()
      await this.#watch()
      await slice.rest()
    }
  }

  /**
   * Until something was polled, or the group or the signal wants the loop. A poll under way is
   * kept.
   */
  async #wait(): Promise<void> {
    if (this.#epochs.isFull(this.#producers)) return this.#epochs.passed()
    const polled = this.#poller.poll(this.#pollMs())
    const isCalled = this.#inbox.isFull || this.#epochs.hasFailed || this.#tasks?.hasReady === true
    if (this.tasks.some(({ isBehind }) => isBehind)) return
    if (isCalled || this.#options.signal.aborted) return
    await this.#rest.waiting(Promise.race([polled, this.#inbox.woken()]))
  }

  /** Only here, between two barriers, does a batch enter a task. What is due comes before it. */
  async #takeIn(): Promise<void> {
    const behind = this.tasks.filter(({ isBehind }) => isBehind)
    for (const task of behind) await task.goOn()
    if (behind.length > 0) return
    await this.#pullLocal()
    const pause = this.#poller.pause(this.#options.signal)
    if (pause !== null) await this.#rest.waiting(pause)
    const raw = this.#poller.take()
    if (raw !== null) await this.#tasks?.reading(raw.topic, raw.partition)?.accept(raw)
  }

  #pollMs(): number {
    const now = this.#options.clock.now()
    const pullAt = Math.min(...this.tasks.map(task => task.nextPullAt))
    if (pullAt <= now) return 0
    const decisionAt = Math.min(...this.tasks.map(task => task.nextDecisionAt()))
    const until = Math.min(this.#epochs.dueAt, decisionAt, pullAt) - now
    return Math.max(1, Math.min(POLL_MS, Math.ceil(until)))
  }

  async #pullLocal(): Promise<void> {
    for (const task of this.tasks) {
      if (task.isPulled) await task.pull(this.#options.batchRecordsMax)
    }
  }

  async #watch(): Promise<void> {
    const now = this.#options.clock.now()
    for (const task of this.tasks) {
      const { source } = task
      if (source === null || this.#poller.mayHold(source)) continue
      await task.watch(now, this.#fetcher?.progress(source) ?? null)
    }
  }

  /**
   * Who has stood still for long may be out of its group, and outputs that are seen at once are not
   * in a transaction which would tell: so the group is asked before anything is written.
   */
  async #proveAwake(): Promise<void> {
    const stoodStill = this.#standStill.isOver()
    if (!stoodStill || this.#member === null || this.#producers?.plain === null) return
    const sources = this.tasks.flatMap(({ source }) => source ?? [])
    // A commit under way moves the offsets: what was there before must not come back after it.
    await this.#epochs.passed()
    try {
      await this.#member.commit(await this.#member.committed(sources))
    } catch (error) {
      if (!this.#epochs.mayRepeat(error, this.tasks, this.#isTransactional)) throw error
      await this.#repeatEpoch([])
    }
  }

  /** @param leaving partitions whose tasks end with this commit. */
  async #endEpoch(leaving: readonly TopicPartition[] = []): Promise<void> {
    try {
      await this.#epochs.end(this.#parts, { isLast: false, leaving })
    } catch (error) {
      if (!this.#epochs.mayRepeat(error, this.tasks, this.#isTransactional)) throw error
      const { message, code } = error as MillraceError
      this.#options.log.warn({ code }, `the epoch is repeated from the last commit: ${message}`)
      await this.#repeatEpoch(leaving)
    }
  }

  get #parts(): EpochParts {
    const kept = { topics: this.#topics, state: this.#state }
    return { tasks: this.tasks, producers: this.#producers, member: this.#member, ...kept }
  }

  /** Drops everything since the last commit and goes on from there, without the tasks in `gone`. */
  async #repeatEpoch(gone: readonly TopicPartition[]): Promise<void> {
    const sources = this.tasks.flatMap(({ source }) => source ?? [])
    await this.#poller.remove(sources)
    await this.#abort()
    await this.#tasks?.close([...sources, ...gone])
    await this.#producers?.renew()
    this.#tasks?.restore(sources.filter(source => !isAmong(gone, source)))
  }

  /**
   * Sinks forget the epoch; not one whose commit has failed, which may have been done all the same:
   * who opens the task next finishes or removes it.
   */
  async #abort(): Promise<void> {
    await this.#epochs.ended()
    await this.#tasks?.abort(this.#epochs.firstUndone, this.tasks)
    this.#epochs.undone()
  }

  #isDone(): boolean {
    const isWhole = this.#hasAssignment && this.#tasks?.restoringCount === 0
    return this.#options.isBounded && isWhole && this.tasks.every(task => task.isDone)
  }

  // ---- partitions come and go

  async #assigned(partitions: readonly TopicPartition[]): Promise<void> {
    this.#tasks?.restore(partitions)
    this.#hasAssignment = true
  }

  /** Those that are restored first are read first. */
  async #openReady(): Promise<void> {
    if (this.#tasks?.hasReady !== true) return
    this.#epochs.atLeast(await this.#tasks.openReady(this.#member))
  }

  async #revoked(partitions: readonly TopicPartition[]): Promise<void> {
    await this.#endEpoch(partitions)
    await this.#poller.remove(partitions)
    await this.#tasks?.close(partitions)
  }

  /** Nothing of the lost tasks may be committed, also not with what the others did meanwhile. */
  async #lost(partitions: readonly TopicPartition[]): Promise<void> {
    // A run to the end is not at its end because it has nothing at the moment.
    this.#hasAssignment = false
    if (this.#isTransactional) return this.#repeatEpoch(partitions)
    await this.#epochs.ended()
    await this.#poller.remove(partitions)
    // What was lost is repeated by its next owner, from the last commit on.
    const lost = this.tasks.filter(({ source }) => isAmong(partitions, source))
    await this.#tasks?.abort(this.#epochs.firstUndone, lost)
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
