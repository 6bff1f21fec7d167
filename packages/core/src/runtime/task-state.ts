/**
 * The state of this process's tasks: local spaces, the changelogs behind them, and the way from one
 * to the other.
 *
 * Used by the run when a task comes (restore, then open its stores) and by the checkpoint (step 6).
 * Without a changelog a task's state lives in its operators alone.
 */
import type { SubTopology } from '../operator/pipeline.ts'
import type { EpochMarker } from '../record/format/epoch-marker.ts'
import { partitionName, type TopicPartition } from '../record/topic-partition.ts'
import type { StateBackend, StateEntry, StateSpace } from '../state/state-backend.ts'
import type { Transport } from '../transport/transport.ts'
import type { Clock } from '../util/clock.ts'
import type { Logger } from './logger.ts'
import { positionEntry, type RestoreWorld, restore } from './restore.ts'
import { scanStores } from './state-scan.ts'
import type { Waiting } from './waiting.ts'

/** Half of Kafka's `delete.retention.ms` default: older state may have missed a tombstone. */
const AGE_MS_MAX = 12 * 3_600_000

export interface TaskStateOptions {
  readonly transport: Transport
  /** Null: no task keeps state. */
  readonly backend: StateBackend | null
  readonly clock: Clock
  readonly log: Logger
  /** Full name of the changelog of a part; null = state has none. */
  readonly changelog: ((part: SubTopology) => string) | null
  readonly topicIds: ReadonlyMap<string, string>
  readonly waiting: Waiting
}

/** State of one task, brought to the end of its changelog. */
export interface OpenState {
  readonly marker: EpochMarker | null
  /** Reads what the changelog has got since; gives the marker it ends with now. */
  catchUp(): Promise<EpochMarker | null>
  entries(): AsyncIterable<readonly StateEntry[]>
}

export class TaskState {
  readonly #options: TaskStateOptions
  readonly #spaces = new Map<string, StateSpace>()

  constructor(options: TaskStateOptions) {
    this.#options = options
  }

  /** The changelog of a task; null = it has none. */
  changelogOf(part: SubTopology, partition: number): TopicPartition | null {
    const { changelog } = this.#options
    // A local source is read from its beginning each time, so there is nothing to go on from.
    const keeps = part.stores.length > 0 && part.input.kind !== 'local'
    if (!keeps || changelog === null) return null
    return { topic: changelog(part), partition }
  }

  /** Restores the state of a task that came to this process; null = it has no changelog. */
  async open(part: SubTopology, partition: number): Promise<OpenState | null> {
    const changelog = this.changelogOf(part, partition)
    const { backend } = this.#options
    if (changelog === null || backend === null) return null
    const name = nameOf(changelog)
    const space = await backend.open(name)
    this.#spaces.set(name, space)
    const catchUp = () => this.#catchUp(changelog, space)
    return { marker: await catchUp(), catchUp, entries: () => scanStores(space) }
  }

  async #catchUp(changelog: TopicPartition, space: StateSpace): Promise<EpochMarker | null> {
    const { log, clock } = this.#options
    const startedAt = clock.now()
    const restored = await restore(changelog, space, this.#world(changelog))
    const { recordsRead, isLocalReused, marker } = restored
    const ms = clock.now() - startedAt
    if (recordsRead > 0)
      log.info({ ...changelog, recordsRead, isLocalReused, ms }, 'state restored')
    return marker
  }

  /** Where the changelog of a task ends; null where local state does not outlive the process. */
  async changelogEnd(part: SubTopology, partition: number): Promise<number | null> {
    const changelog = this.changelogOf(part, partition)
    const { backend, transport } = this.#options
    if (changelog === null || backend?.isDurable !== true) return null
    return (await transport.admin.offsets(changelog)).latest
  }

  /**
   * Step 6 of the checkpoint: what was committed.
   * @param position where the changelog ended before the commit. Entries of the epoch that came
   * after are read again by a restart and change nothing then; null = not kept.
   */
  async keep(
    part: SubTopology,
    partition: number,
    entries: readonly StateEntry[],
    position: number | null,
  ): Promise<void> {
    const changelog = this.changelogOf(part, partition)
    const space = changelog === null ? undefined : this.#spaces.get(nameOf(changelog))
    if (changelog === null || space === undefined) return
    const reached = position === null ? [] : [positionEntry(position, this.#world(changelog))]
    await space.write([...entries, ...reached])
  }

  async close(part: SubTopology, partition: number): Promise<void> {
    const changelog = this.changelogOf(part, partition)
    if (changelog === null) return
    const name = nameOf(changelog)
    await this.#spaces.get(name)?.close()
    this.#spaces.delete(name)
  }

  #world({ topic }: TopicPartition): RestoreWorld {
    const { transport, clock, topicIds, waiting } = this.#options
    const topicId = topicIds.get(topic) ?? ''
    return { transport, now: () => clock.now(), ageMsMax: AGE_MS_MAX, topicId, waiting }
  }
}

function nameOf({ topic, partition }: TopicPartition): string {
  return partitionName(topic, partition)
}
