/**
 * When epochs end, and the commit of the one that has: the part of a run around `checkpoint.ts`.
 *
 *   open ─ end ─► being cut ─► committing ─► committed
 *                                  └─ the next one is open meanwhile, unless the clock decided
 *
 * One commit is under way at a time. What fails in it after the cut is kept for the run, which asks
 * for it between two batches and repeats the epoch. Everything here is told to one run alone.
 */
import { MillraceError } from '../errors.ts'
import { isAmong, type TopicPartition } from '../record/topic-partition.ts'
import type { StateMemory } from '../state/state-memory.ts'
import type { GroupMember } from '../transport/transport.ts'
import { checkpoint } from './checkpoint.ts'
import type { CheckpointTimes } from './checkpoint-step.ts'
import type { Producers } from './producers.ts'
import { isInternal, type RunOptions } from './run-options.ts'
import type { Task } from './task.ts'
import type { TaskState } from './task-state.ts'
import type { PreparedTopics } from './topics.ts'

/** What an epoch is committed with. */
export interface EpochParts {
  readonly tasks: readonly Task[]
  readonly producers: Producers | null
  readonly member: GroupMember | null
  readonly topics: PreparedTopics
  readonly state: TaskState
}

export interface EpochEnding {
  /** The run ends with it. */
  readonly isLast: boolean
  /** Partitions whose tasks end with it. */
  readonly leaving: readonly TopicPartition[]
}

export interface CommitStatus {
  readonly epoch: number
  /** Wall time of the barrier, epoch milliseconds. */
  readonly at: number
  /** From the barrier to the end of the last step. */
  readonly ms: number
  readonly steps: CheckpointTimes
}

/**
 * Sealing an epoch is followed by so many times as long without, up to so many commit intervals:
 * where each record changes many windows, every epoch changes all that are open, and a commit costs
 * the same whatever was processed.
 */
const SEAL_SHARE = 10
/** How often in a row an epoch may fail before the run does. */
const FAILURES_MAX = 5

export class Epochs {
  readonly #options: RunOptions
  readonly #memory: StateMemory
  readonly #onEnded: () => void
  /** How often in a row an epoch has failed. */
  #failures = 0
  #epoch = 0
  /** The commit of the epoch was asked for, and nothing was heard of it. */
  #isInDoubt = false
  #dueAt = 0
  #underWay: Promise<void> | null = null
  #failure: unknown = null
  #last: CommitStatus | null = null

  /** @param onEnded called when a commit has ended that nobody waits for. */
  constructor(options: RunOptions, memory: StateMemory, onEnded: () => void) {
    this.#options = options
    this.#memory = memory
    this.#onEnded = onEnded
    this.#plan()
  }

  /** The epoch under way, or the one being committed. */
  get number(): number {
    return this.#epoch
  }

  get isUnderWay(): boolean {
    return this.#underWay !== null
  }

  /** The commit that ended last; null = none has. */
  get last(): CommitStatus | null {
    return this.#last
  }

  /** When the next barrier is due by time. */
  get dueAt(): number {
    return this.#dueAt
  }

  /** What sinks have to forget after a failure; they keep an epoch whose commit is in doubt. */
  get firstUndone(): number {
    return this.#isInDoubt ? this.#epoch + 1 : this.#epoch
  }

  atLeast(epoch: number): void {
    this.#epoch = Math.max(this.#epoch, epoch)
  }

  isDue(tasks: readonly Task[]): boolean {
    if (this.#underWay !== null) return false
    const now = this.#options.clock.now()
    const isDue = now >= this.#dueAt || this.#memory.wantsCommit
    return isDue || tasks.some(task => task.wantsBarrier(now))
  }

  /** So much waits for the commit under way that nothing more should be taken in. */
  isFull(producers: Producers | null): boolean {
    if (this.#underWay === null) return false
    const held = producers?.heldBytes ?? 0
    return this.#memory.isFull || held >= this.#options.bufferBytesMax
  }

  /**
   * Ends the epoch, if anything has happened in it. Comes back when the next one may begin; with a
   * decision taken, or tasks to part with, that is when this one has been committed.
   */
  async end(parts: EpochParts, ending: EpochEnding): Promise<void> {
    await this.settle()
    const { isLast, leaving } = ending
    const { tasks } = parts
    const now = this.#options.clock.now()
    this.#plan()
    const hasWork = tasks.some(task => task.hasChanged || task.wantsBarrier(now))
    if (!hasWork && !isLast) return
    let onCut = (): void => {}
    const cut = new Promise<void>(resolve => {
      onCut = resolve
    })
    const committed = this.#commit(now, parts, ending, onCut)
    this.#underWay = committed.catch(() => {})
    try {
      await Promise.race([cut, committed])
      const goesOn = !isLast && leaving.length === 0 && !tasks.some(task => task.hasDecided)
      if (!goesOn) await committed
      else {
        committed.then(
          () => this.#ended(null),
          error => this.#ended(error),
        )
        return
      }
    } catch (error) {
      this.#underWay = null
      throw error
    }
    this.#underWay = null
  }

  /** Waits for the commit under way. @throws what it failed with. */
  async settle(): Promise<void> {
    await this.#underWay
    const failure = this.#failure
    this.#failure = null
    if (failure !== null) throw failure
  }

  /** Waits for the commit under way; what it fails with is kept. */
  async passed(): Promise<void> {
    await this.#underWay
  }

  /** Waits for the commit under way, whatever becomes of it. */
  async ended(): Promise<void> {
    await this.#underWay
    this.#failure = null
  }

  /** A commit that nobody waited for has failed. */
  get hasFailed(): boolean {
    return this.#failure !== null
  }

  /**
   * A failed epoch is undone and read again where nothing internal of it can be left: it was in the
   * transaction, or there was none.
   */
  mayRepeat(error: unknown, tasks: readonly Task[], isTransactional: boolean): boolean {
    const isTried = ++this.#failures > FAILURES_MAX
    const hasLocal = tasks.some(({ source }) => source === null)
    const leavesNothing = isTransactional || !isInternal(this.#options.pipeline)
    if (!leavesNothing || isTried || hasLocal || !MillraceError.is(error)) return false
    return error.retriable || error.code === 'FENCED'
  }

  /** The failed epoch has been undone. */
  undone(): void {
    this.#isInDoubt = false
  }

  #ended(failure: unknown): void {
    this.#underWay = null
    this.#failure = failure
    this.#onEnded()
  }

  #plan(): void {
    this.#dueAt = this.#options.clock.now() + this.#options.commitIntervalMs
  }

  /** @param sealMs what sealing an epoch has taken */
  #spare(sealMs: number): void {
    const { clock, commitIntervalMs } = this.#options
    const pause = SEAL_SHARE * Math.min(sealMs, commitIntervalMs)
    this.#dueAt = Math.max(this.#dueAt, clock.now() + pause)
  }

  async #commit(
    now: number,
    { tasks, producers, member, topics, state }: EpochParts,
    { isLast, leaving }: EpochEnding,
    onCut: () => void,
  ): Promise<void> {
    const epoch = this.#epoch
    const since = performance.now()
    const times: CheckpointTimes = {}
    await checkpoint(epoch, now, tasks, {
      outputs: producers?.plain ?? null,
      transaction: producers?.transaction ?? null,
      member,
      partitionCounts: topics.partitionCounts,
      fingerprint: this.#options.pipeline.fingerprint,
      changelogOf: task => state.changelogOf(task.subTopology, task.partition),
      changelogEnd: task => state.changelogEnd(task.subTopology, task.partition),
      keep: ({ subTopology, partition }, sealed, position) =>
        state.keep(subTopology, partition, sealed, position),
      clock: this.#options.clock,
      onCut: sealMs => {
        this.#spare(sealMs)
        producers?.hold()
        onCut()
      },
      onFlushed: () => producers?.releasePlain(),
      onCommitting: () => {
        this.#isInDoubt = true
      },
      onCommitted: () => {
        this.#isInDoubt = false
        this.#epoch++
        producers?.releaseTransaction()
      },
      goesOn: ({ source }) => !isLast && !isAmong(leaving, source),
      times,
      onStep: this.#options.onCheckpoint ?? null,
    })
    this.#failures = 0
    this.#last = { epoch, at: now, ms: performance.now() - since, steps: times }
  }
}
