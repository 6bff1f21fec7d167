/**
 * The state of this process's tasks: local spaces, the changelogs behind them, and the way from one
 * to the other.
 *
 * Used by the run when a task comes (restore, then open its stores) and by the checkpoint (step 6).
 * Without a changelog a task begins empty, and its space only holds what memory has no room for.
 */
import type { SubTopology } from '../operator/pipeline.ts'
import { partitionName, type TopicPartition } from '../record/topic-partition.ts'
import { writeInPages } from '../state/entry-pages.ts'
import type { StateBackend, StateSpace } from '../state/state-backend.ts'
import { shareMemory } from '../state/state-memory.ts'
import type { SealedState } from '../state/store.ts'
import { WrittenLater } from '../state/written-later.ts'
import type { Transport } from '../transport/transport.ts'
import type { Clock } from '../util/clock.ts'
import { ChangelogReader } from './changelog-reader.ts'
import { clearState } from './clear-state.ts'
import type { Logger } from './logger.ts'
import { type ChangelogPosition, type FoundState, positionEntry, restore } from './restore.ts'
import { RestoreProgress, type RestoreStatus } from './restore-progress.ts'
import type { Writer } from './task.ts'
import type { Waiting } from './waiting.ts'

/** Half of Kafka's `delete.retention.ms` default: older state may have missed a tombstone. */
const AGE_MS_MAX = 12 * 3_600_000

export interface TaskStateOptions {
  readonly transport: Transport
  /** Null: no task keeps state. */
  readonly backend: StateBackend | null
  readonly clock: Clock
  readonly log: Logger
  /** Full name of the changelog of a part; null = it has none. */
  readonly changelog: (part: SubTopology) => string | null
  readonly topicIds: ReadonlyMap<string, string>
  /** What state may take of memory, over all tasks. */
  readonly stateBytesMax: number
  readonly waiting: Waiting
}

/** State of one task, brought to the end of its changelog. */
export interface OpenState {
  readonly space: StateSpace
  /** Null: it has none, and begins empty. */
  readonly changelog: TopicPartition | null
  /** What the changelog says; undefined = there is none. */
  readonly found: FoundState | undefined
  /** Reads what the changelog has got since; gives what it says now. */
  catchUp(): Promise<FoundState | undefined>
  /** Takes stores away, by their numbers, in the transaction of the epoch under way. */
  clear(stores: readonly number[] | 'all', writer: Writer): Promise<void>
}

export class TaskState {
  readonly #options: TaskStateOptions
  readonly #reader: ChangelogReader
  readonly #spaces = new Map<string, StateSpace>()
  readonly #restores = new Map<string, RestoreProgress>()

  constructor(options: TaskStateOptions) {
    const { transport, clock, waiting } = options
    this.#options = options
    this.#reader = new ChangelogReader(transport, clock, waiting)
  }

  /** The changelog of a task; null = it has none. */
  changelogOf(part: SubTopology, partition: number): TopicPartition | null {
    const topic = this.#options.changelog(part)
    return topic === null ? null : { topic, partition }
  }

  /**
   * Restores the state of a task that came to this process; null = it keeps none. With the signal
   * aborted it may be restored in part, and is of use for nothing but `close`.
   */
  async open(part: SubTopology, partition: number, signal: AbortSignal): Promise<OpenState | null> {
    const { backend } = this.#options
    const changelog = this.changelogOf(part, partition)
    if (backend === null || (part.stores.length === 0 && changelog === null)) return null
    const name = nameOf(part, partition, changelog)
    const below = await backend.open(name)
    const space = backend.isDurable && changelog !== null ? this.#writtenLater(below) : below
    this.#spaces.set(name, space)
    if (changelog === null) {
      await space.clear()
      const nothing = { found: undefined, catchUp: async () => undefined, clear: async () => {} }
      return { space, changelog, ...nothing }
    }
    // Perf: most keys of a changelog are there once, and would only pass through memory.
    const catchUp = async () =>
      this.#catchUp(changelog, space instanceof WrittenLater ? await space.down() : space, signal)
    const clear = async (stores: readonly number[] | 'all', writer: Writer): Promise<void> => {
      const { transport, clock } = this.#options
      const { latest: changelogEnd } = await transport.admin.offsets(changelog)
      await clearState(space, stores, { changelog, changelogEnd, writer, now: clock.now() })
    }
    return { space, changelog, found: await catchUp(), catchUp, clear }
  }

  /** How the last restore of each task of this process went, or goes. */
  restores(): RestoreStatus[] {
    return [...this.#restores.values()].map(progress => progress.status())
  }

  /** Where the changelog of a task ends; null where local state does not outlive the process. */
  async changelogEnd(part: SubTopology, partition: number): Promise<ChangelogPosition | null> {
    const changelog = this.changelogOf(part, partition)
    const { backend, transport, clock } = this.#options
    if (changelog === null || backend?.isDurable !== true) return null
    const at = clock.now()
    const { latest: offset } = await transport.admin.offsets(changelog)
    return { offset, at }
  }

  /**
   * Step 6 of the checkpoint: what was committed. It goes to a durable backend some epochs later.
   * @param position where the changelog ended before the commit. Entries of the epoch that came
   * after are read again by a restart and change nothing then; null = not kept.
   */
  async keep(
    part: SubTopology,
    partition: number,
    { entries, cleared }: SealedState,
    position: ChangelogPosition | null,
  ): Promise<void> {
    const changelog = this.changelogOf(part, partition)
    const space = this.#spaces.get(nameOf(part, partition, changelog))
    if (space === undefined) return
    // A crash in between leaves an epoch to repeat, which deletes them again.
    for (const [from, to] of cleared) await space.clearRange(from, to)
    const reached =
      position === null || changelog === null || this.#options.backend?.isDurable !== true
        ? []
        : [positionEntry(position, this.#topicId(changelog))]
    // The position comes last: an epoch that a crash has cut short is read again by a restart, and
    // every key of it is in the changelog.
    await writeInPages(space, [...entries, ...reached])
  }

  /** Does not fail: what could not be written any more is in the changelog. */
  async close(part: SubTopology, partition: number): Promise<void> {
    const name = nameOf(part, partition, this.changelogOf(part, partition))
    const space = this.#spaces.get(name)
    this.#spaces.delete(name)
    this.#restores.delete(name)
    try {
      await space?.close()
    } catch (error) {
      const text =
        'local state could not be written at the end; it is read from the changelog again'
      this.#options.log.warn({ space: name, err: error }, text)
    }
  }

  #writtenLater(below: StateSpace): WrittenLater {
    const { clock, stateBytesMax } = this.#options
    const { unwritten } = shareMemory(stateBytesMax)
    return new WrittenLater(below, { clock, bytesMax: () => unwritten / this.#spaces.size })
  }

  async #catchUp(
    changelog: TopicPartition,
    space: StateSpace,
    signal: AbortSignal,
  ): Promise<FoundState> {
    const { transport, clock, log } = this.#options
    const progress = new RestoreProgress(changelog, clock, log)
    this.#restores.set(partitionName(changelog.topic, changelog.partition), progress)
    return restore(changelog, space, {
      admin: transport.admin,
      reader: this.#reader,
      now: () => clock.now(),
      ageMsMax: AGE_MS_MAX,
      topicId: this.#topicId(changelog),
      progress,
      signal,
    })
  }

  #topicId({ topic }: TopicPartition): string {
    return this.#options.topicIds.get(topic) ?? ''
  }
}

/** The space of a task is named after its changelog, which no other application has. */
function nameOf(part: SubTopology, partition: number, changelog: TopicPartition | null): string {
  return changelog === null
    ? `${part.id}/${partition}`
    : partitionName(changelog.topic, changelog.partition)
}
