/**
 * One task: partition p of a sub-topology, with its input, its clock and its machines.
 *
 * The run hands it raw batches in the order of the log; it decodes, sends them through the graph
 * and lets event time follow. At a barrier it takes its clock decisions and tells downstream tasks
 * where it stands; decisions come into force when the next epoch begins. Nothing in here waits,
 * except for sinks that asked for it (`settled`).
 */
import type { MillraceError } from '../errors.ts'
import type { OperatorContext } from '../operator/operator.ts'
import type { OperatorGraph } from '../operator/operator-graph.ts'
import type { SubTopology } from '../operator/pipeline.ts'
import type { ErrorPolicy } from '../record/error-policy.ts'
import type { PlainRecord } from '../record/plain-record.ts'
import type { TopicPartition } from '../record/topic-partition.ts'
import type { Receipt } from '../sink/sink.ts'
import type { StateEntry } from '../state/state-backend.ts'
import type { StateMemory } from '../state/state-memory.ts'
import type { OutgoingRecords, RawBatch } from '../transport/raw-records.ts'
import { rawBefore, sliceRaw } from '../transport/raw-records.ts'
import type { FetchProgress } from '../transport/transport.ts'
import { assert } from '../util/assert.ts'
import type { Clock } from '../util/clock.ts'
import { changelogRecords } from './changelog.ts'
import type { FailureLog } from './failure-log.ts'
import { type Intake, intakeOf } from './intake.ts'
import type { Logger } from './logger.ts'
import { TaskClock, type Waits } from './task-clock.ts'
import { TaskCounters } from './task-counters.ts'
import type { StoreFingerprint, TaskProgress } from './task-progress.ts'
import type { OpenState } from './task-state.ts'
import type { InternalNames } from './topics.ts'
import type { VerdictChoices } from './verdict-choices.ts'

/** How often the end of a run may bring about something new. */
const FLUSH_ROUNDS_MAX = 100

/** The writing half of a producer. */
export interface Writer {
  write(records: OutgoingRecords): Promise<void> | undefined
}

/** What all tasks of a run share. */
export interface TaskWorld {
  readonly clock: Clock
  /** Where outputs are written. */
  readonly outputs: Writer
  /** Where records for other tasks are written; seen when the epoch has been committed. */
  readonly internals: Writer
  readonly failures: FailureLog
  readonly log: Logger
  readonly partitionCounts: ReadonlyMap<string, number>
  readonly names: InternalNames
  readonly memory: StateMemory
  /** Bounded runs end at the high watermarks of their start; idleness is off. */
  readonly isBounded: boolean
  /** At the end of a bounded run all windows close. */
  readonly flushes: boolean
  /** Wall time of the start. */
  readonly startedAt: number
  /** What the user decides where state and the group disagree. */
  readonly choices: VerdictChoices
}

export interface TaskStart {
  /** Offset of the first record to read; of a source outside Kafka, how many were read. */
  readonly position: number
  /** Bounded runs: the first offset that is not read any more. */
  readonly end: number
  /** How far an earlier run came; null = none did. */
  readonly progress: TaskProgress | null
  /** What sinks gave for the epoch of `progress`, in their order. */
  readonly receipts: readonly Receipt[]
  /** The stores of the task, in the order of their numbers, also of those that the plan left. */
  readonly stores: readonly StoreFingerprint[]
  /** Numbers of stores that begin again with nothing. */
  readonly cleared: readonly number[] | 'all'
  /** The fingerprint of the plan that committed last; null = not known. */
  readonly planBefore: string | null
  /** Where it begins is committed before the first record. */
  readonly mustCommit: boolean
}

/** Which of how many tasks. */
export interface TaskNumbers {
  readonly partition: number
  readonly taskCount: number
  /** Tasks that write the internal topic it reads; 0 = it reads none. */
  readonly upstreamCount: number
  /** Between it and one partition of a source there is no other way. */
  readonly readsSource: boolean
}

export class Task implements OperatorContext {
  readonly id: string
  readonly subTopology: SubTopology
  readonly partition: number
  readonly taskCount: number
  readonly readsSource: boolean
  readonly counters: TaskCounters = new TaskCounters()
  /** In the order of their numbers. */
  readonly stores: readonly StoreFingerprint[]
  /** Offset of the next record to process. */
  position: number
  /** Something happened since the last barrier. */
  hasChanged = false
  /** Of the last barrier: nothing more may be read before its epoch is committed. */
  hasDecided = false
  /** Nothing may be read before the next commit. */
  mustCommit: boolean
  readonly #world: TaskWorld
  readonly #graph: OperatorGraph
  readonly #intake: Intake
  readonly #clock: TaskClock
  readonly #end: number
  /** By an earlier owner. */
  readonly #committed: { readonly epoch: number; readonly receipts: readonly Receipt[] }
  #waits: Promise<unknown>[] = []
  /** What is left of the last raw batch, for when the graph is not behind any more. */
  #rest: RawBatch | null = null
  #flushRounds = 0
  #hasReportedFinal = false

  constructor(subTopology: SubTopology, place: TaskNumbers, start: TaskStart, world: TaskWorld) {
    this.id = `${subTopology.id}/${place.partition}`
    this.subTopology = subTopology
    this.partition = place.partition
    this.taskCount = place.taskCount
    this.readsSource = place.readsSource
    this.position = start.position
    this.mustCommit = start.mustCommit
    this.hasChanged = start.mustCommit
    this.#end = start.end
    this.#world = world
    const { memory, names } = world
    const internalTopic = names.repartition
    this.stores = start.stores
    this.#committed = { epoch: start.progress?.epoch ?? 0, receipts: start.receipts }
    const storeId = (name: string): number =>
      start.stores.findIndex(({ identity }) => identity === name) + 1
    const { partition } = place
    this.#graph = subTopology.createGraph({ partition, internalTopic, storeId, memory })
    const upstream = { count: place.upstreamCount, isFinite: subTopology.isFinite }
    const at = { count: start.position, position: start.progress?.source?.position ?? null }
    this.#intake = intakeOf(subTopology.input, this, upstream, world, at)
    this.#clock = new TaskClock(this.#intake.clock)
    if (start.progress !== null) this.#clock.restore(start.progress, world.clock.now())
  }

  /** The partition that the group gave; null = all tasks of its part are this process's. */
  get source(): TopicPartition | null {
    const topic = this.#world.names.lead(this.subTopology)
    return topic === null ? null : { topic, partition: this.partition }
  }

  /** It reads a source outside Kafka; no batch of its partition ever comes. */
  get isPulled(): boolean {
    return this.subTopology.input.kind === 'local'
  }

  get watermark(): number {
    return this.#clock.watermark
  }

  /** Very much was due, and not all of it is done: `goOn` comes before anything else is read. */
  get isBehind(): boolean {
    return this.#graph.isBehind || this.#rest !== null
  }

  /** Bounded runs: nothing more to read, and downstream tasks know. */
  get isDone(): boolean {
    return this.#intake.clock.isFinal && this.#hasReportedFinal
  }

  get isFinal(): boolean {
    return this.#intake.clock.isFinal
  }

  get graph(): OperatorGraph {
    return this.#graph
  }

  /** Opens the operators and takes an earlier run's state and time up; gives nothing out before. */
  async open(state: OpenState | null): Promise<void> {
    await this.#graph.open(this)
    await this.#graph.recover(this.#committed.epoch, this.#committed.receipts)
    for (const store of this.#graph.stores) {
      assert(state !== null, 'a task with stores has a space')
      await store.open(state.space, gone => this.#forget(gone, state))
    }
    if (this.#clock.watermark > Number.NEGATIVE_INFINITY) await this.#advance()
    await this.#advanceWall()
    await this.#checkEnd()
  }

  /** Processes a raw batch to its end. */
  async accept(raw: RawBatch): Promise<void> {
    const cut = rawBefore(raw, this.#end)
    this.hasChanged = true
    this.count('records_in', cut.count)
    await this.#take(cut)
  }

  /** Does some more of what is due; epochs may end in between. */
  async goOn(): Promise<void> {
    await this.#advance()
    const rest = this.#rest
    if (this.#graph.isBehind) return
    this.#rest = null
    if (rest !== null) await this.#take(rest)
    else await this.#checkEnd()
  }

  async #take(raw: RawBatch): Promise<void> {
    const taken = await this.#intake.take(raw, this.#graph, () => this.#follow())
    const isWhole = taken === raw.count
    if (!isWhole) this.#rest = sliceRaw(raw, taken, raw.count)
    else if (this.#graph.letsGo) raw.done?.()
    this.position = Math.min(isWhole ? raw.nextOffset : (raw.offsets[taken] as number), this.#end)
    await this.#follow()
    await this.#checkEnd()
    this.#world.memory.trim()
  }

  /** Wall time before which a pull gives nothing; a task that reads a topic is never pulled. */
  get nextPullAt(): number {
    if (!this.isPulled || this.isFinal) return Number.POSITIVE_INFINITY
    return this.#intake.resumeAt ?? Number.NEGATIVE_INFINITY
  }

  /** Local sources: reads and processes some records. */
  async pull(recordsMax: number): Promise<void> {
    if (this.isFinal) return
    const before = this.#intake.at
    const taken = (await this.#intake.pull?.(recordsMax, this.#graph)) ?? 0
    const at = this.#intake.at
    if (at === before && !this.isFinal) return
    this.position = at?.count ?? this.position
    this.hasChanged = true
    this.count('records_in', taken)
    await this.#follow()
    await this.#checkEnd()
    this.#world.memory.trim()
  }

  /**
   * What the last fetch of its partition showed, when no batch of it is on its way. Where only a
   * gap follows, no batch ever comes to tell of it.
   */
  async watch(now: number, progress: FetchProgress | null): Promise<void> {
    this.#intake.watch?.(now, progress)
    if (progress === null || progress.position <= this.position || this.isBehind) return
    this.position = Math.min(progress.position, this.#end)
    await this.#checkEnd()
  }

  /** Sinks that asked to wait have caught up. */
  settled(): Promise<unknown> | undefined {
    if (this.#waits.length === 0) return undefined
    const waits = this.#waits
    this.#waits = []
    return Promise.all(waits)
  }

  /** A barrier now would decide or tell something new. */
  wantsBarrier(now: number): boolean {
    const hasEnded = this.isFinal && !this.isBehind
    return this.nextDecisionAt() <= now || (hasEnded && !this.#hasReportedFinal)
  }

  nextDecisionAt(): number {
    return Math.min(this.#clock.nextDecisionAt(this.#dues()), this.#graph.barrierDueAt)
  }

  /** Takes the decisions of this moment; gives how far the task is, decisions included. */
  async barrier(epoch: number, now: number): Promise<TaskProgress> {
    const waits = this.#dues()
    const wasIdle = this.#clock.input.isIdle
    const decision = this.#clock.barrier(now, waits)
    const { watermark, wallTime } = decision
    const hasMoved = watermark !== null || wallTime !== null || decision.isIdle !== wasIdle
    this.hasDecided = hasMoved || this.mustCommit
    const isFinal = this.isFinal && !this.isBehind
    const isIdle = decision.isIdle && waits.open === null
    await this.#graph.endEpoch({ epoch, at: now, isIdle, isFinal })
    this.#hasReportedFinal = isFinal
    this.hasChanged = false
    this.mustCommit = false
    return {
      epoch,
      position: this.position,
      input: this.#intake.clock.save(),
      isIdle: decision.isIdle,
      watermark: Math.max(this.#clock.watermark, watermark ?? Number.NEGATIVE_INFINITY),
      wallTime,
      ...(this.#intake.at && { source: this.#intake.at.source }),
    }
  }

  /** Puts the decisions of the last barrier in force. */
  async beginEpoch(): Promise<void> {
    if (this.#clock.beginEpoch()) await this.#advance()
    await this.#advanceWall()
  }

  async close(): Promise<void> {
    for (const store of this.#graph.stores) store.close()
    await this.#intake.close?.()
    await this.#graph.close()
  }

  // ---- what operators ask for

  partitionCount(topic: string): number {
    return this.#world.partitionCounts.get(topic) as number
  }

  produce(records: OutgoingRecords): void {
    const busy = this.#world.outputs.write(records)
    if (busy !== undefined) this.waitFor(busy)
  }

  send(records: OutgoingRecords): void {
    const busy = this.#world.internals.write(records)
    if (busy !== undefined) this.waitFor(busy)
  }

  waitFor(promise: Promise<unknown>): void {
    promise.catch(() => {})
    this.#waits.push(promise)
  }

  recordFailed(error: MillraceError, policy: ErrorPolicy, record: () => PlainRecord): void {
    const letter = this.#world.failures.record(error, policy, record)
    this.count(letter === null ? 'records_skipped' : 'records_dead_lettered', 1)
    if (letter !== null) this.produce(letter)
  }

  count(metric: string, amount: number): void {
    this.counters.add(metric, amount)
  }

  get clock(): Clock {
    return this.#world.clock
  }

  warn(text: string): void {
    this.#world.log.warn({ task: this.id }, text)
  }

  async #checkEnd(): Promise<void> {
    if (this.isBehind) return
    const { isBounded, flushes } = this.#world
    if (isBounded && !this.isFinal && this.position >= this.#end) {
      this.#intake.end?.()
      await this.#follow()
    }
    // Nothing can follow the end of a source, so its windows close whatever the run says.
    if (this.isFinal && (flushes || this.subTopology.isFinite)) await this.#flush()
  }

  /**
   * Closes every window, those that fill behind them too. Time goes no further than that, so that
   * a later run takes newer records for what they are. Timers that set timers again and again stay
   * where they are after a while.
   */
  async #flush(): Promise<void> {
    for (; this.#flushRounds < FLUSH_ROUNDS_MAX; this.#flushRounds++) {
      const open = this.#graph.openWindows()
      if (open === null) return
      assert(this.#clock.reach(open.lastDue), 'a window that is due is closed')
      await this.#advance()
      if (this.#graph.isBehind) return
    }
  }

  /** In a bounded run nothing waits for wall time: its results are those of its input. */
  #dues(): Waits {
    const wallDueAt = this.#world.isBounded ? Number.POSITIVE_INFINITY : this.#graph.wallDueAt
    return { open: this.#graph.openWindows(), wallDueAt }
  }

  #advanceWall(): Promise<void> | undefined {
    const time = this.#clock.takeWallTime()
    if (time === null) return undefined
    this.hasChanged = true
    return this.#graph.advanceWall(time)
  }

  #follow(): Promise<void> | undefined {
    return this.#clock.follow() ? this.#advance() : undefined
  }

  #advance(): Promise<void> | undefined {
    this.hasChanged = true
    return this.#graph.advance(this.#clock.watermark)
  }

  /** Deletions that can't wait for the epoch's end. */
  #forget(gone: readonly StateEntry[], { changelog }: OpenState): void {
    if (changelog === null) return
    this.send(changelogRecords(changelog, gone, this.#world.clock.now()))
  }
}
