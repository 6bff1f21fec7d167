/**
 * Commits one epoch of all tasks of this process. The order is the contract:
 *
 *   1. barrier between two batches: clock decisions are taken, downstream tasks are told of time
 *   2. sinks prepare: durable, not visible; each gives a receipt
 *   3. changed state is sealed and written to the changelogs, each epoch ended by its marker
 *   4. the plain producer is flushed: every output acknowledged, or the epoch fails
 *   5. commit: the transaction with everything internal and the offsets of all partitions, moved or
 *      not (that is what fences zombies); refused = we are out: no step 6
 *   6. sealed state goes to the backend, in pages; last comes the changelog position asked for
 *      before 5. Where the backend is durable this waits for some epochs (state/written-later.ts)
 *   7. sinks commit: visible
 *   then the decisions of step 1 come into force
 *
 * After step 3 the next epoch begins beside the rest of this one, unless a decision was taken: its
 * outputs wait for steps 4 and 5. One checkpoint is under way at a time.
 *
 * Without a transaction (nothing internal to write, or a broker that has none) step 5 commits the
 * offsets of tasks without state alone: a task whose state has no changelog begins again.
 */
import { commitMetadataText } from '../record/format/commit-metadata.ts'
import type { TopicPartition } from '../record/topic-partition.ts'
import type { Receipt } from '../sink/sink.ts'
import { entryPages } from '../state/entry-pages.ts'
import type { SealedState } from '../state/store.ts'
import type {
  GroupMember,
  OffsetCommit,
  Producer,
  TransactionalProducer,
} from '../transport/transport.ts'
import type { Clock } from '../util/clock.ts'
import { changelogRecords, markerEntry } from './changelog.ts'
import type { CheckpointHook, CheckpointStep, CheckpointTimes } from './checkpoint-step.ts'
import type { ChangelogPosition } from './restore.ts'
import type { Task } from './task.ts'
import { markerOf, type TaskProgress } from './task-progress.ts'

export interface CheckpointWorld {
  /** Null: outputs are part of the transaction. */
  readonly outputs: Producer | null
  readonly transaction: TransactionalProducer | null
  /** Null: nobody commits (a run on its own). */
  readonly member: GroupMember | null
  readonly partitionCounts: ReadonlyMap<string, number>
  readonly fingerprint: string
  /** The changelog of a task; null = it has none. */
  readonly changelogOf: (task: Task) => TopicPartition | null
  /** Where the changelog of a task ends; null = nobody wants to know. */
  readonly changelogEnd: (task: Task) => Promise<ChangelogPosition | null>
  /** Step 6 for one task; `position` is where its changelog ended before step 5. */
  readonly keep: (
    task: Task,
    sealed: SealedState,
    position: ChangelogPosition | null,
  ) => Promise<void>
  readonly clock: Clock
  /**
   * Called when everything of the epoch was written, between 3 and 4: what is processed from here
   * on belongs to the next one.
   * @param sealMs what step 3 has taken
   */
  readonly onCut: (sealMs: number) => void
  /** Called between 4 and 5. */
  readonly onFlushed: () => void
  /** Called right before 5: from here to `onCommitted` what becomes of the epoch is not known. */
  readonly onCommitting: () => void
  /** Called between 5 and 6: from here on the epoch is not given up any more. */
  readonly onCommitted: () => void
  /** False: the task ends here; what its decisions lead to is for its next owner to do. */
  readonly goesOn: (task: Task) => boolean
  /** How long each step took, for the status. */
  readonly times: CheckpointTimes
  /** Null: nobody watches. */
  readonly onStep: CheckpointHook | null
}

interface TaskEpoch {
  readonly task: Task
  readonly progress: TaskProgress
  readonly receipts: readonly Receipt[]
}

export async function checkpoint(
  epoch: number,
  now: number,
  tasks: readonly Task[],
  world: CheckpointWorld,
): Promise<void> {
  const { outputs, transaction, member } = world
  const step = async <T>(name: CheckpointStep, act: () => T | Promise<T>): Promise<T> => {
    await world.onStep?.(name, 'before')
    const since = performance.now()
    const result = await act()
    world.times[name] = performance.now() - since
    await world.onStep?.(name, 'after')
    return result
  }
  const progress = await step('barrier', async () => {
    const reached: TaskProgress[] = []
    for (const task of tasks) reached.push(await task.barrier(epoch, now)) // 1
    return reached
  })
  const epochs: TaskEpoch[] = []
  await step('prepare', async () => {
    for (const [i, task] of tasks.entries()) {
      const receipts = await task.graph.prepare(epoch) // 2
      epochs.push({ task, progress: progress[i] as TaskProgress, receipts })
    }
  })
  const sealsAt = world.clock.now()
  const sealed = await step('changelog', async () => {
    const written = epochs.map(each => ({ ...each, sealed: seal(each, now, world) })) // 3
    for (const task of tasks) await task.settled()
    return written
  })
  world.onCut(world.clock.now() - sealsAt)
  await step('flush', () => outputs?.flush()) // 4
  world.onFlushed()
  const positions = await positionsBefore(tasks, world)
  const offsets = epochs.flatMap(each => offsetOf(each, world))
  await step('commit', async () => {
    world.onCommitting()
    if (transaction !== null)
      await transaction.commit(offsets, member) // 5
    else if (offsets.length > 0) await member?.commit(offsets)
    // Before the next epoch writes on.
    for (const [i, task] of tasks.entries()) positions[i] ??= positionWritten(task, world, now)
    world.onCommitted()
  })
  await step('keep', async () => {
    for (const [i, each] of sealed.entries()) {
      await world.keep(each.task, each.sealed, positions[i] ?? null) // 6
      for (const store of each.task.graph.stores) store.kept()
    }
  })
  await step('publish', async () => {
    for (const { task, receipts } of epochs) await task.graph.commit(epoch, receipts) // 7
  })
  for (const task of tasks) if (world.goesOn(task)) await task.beginEpoch()
}

/**
 * Where changelogs end, asked for where the producer cannot tell. Asked after the commit it might
 * count what the next owner has written, should we have slept.
 */
function positionsBefore(
  tasks: readonly Task[],
  world: CheckpointWorld,
): Promise<(ChangelogPosition | null)[]> {
  const canTell = world.transaction?.endOf !== undefined
  return Promise.all(tasks.map(async task => (canTell ? null : world.changelogEnd(task))))
}

/** Perf: told by the producer it saves a question of 2 to 4 ms in each commit of little. */
function positionWritten(
  task: Task,
  { transaction, changelogOf }: CheckpointWorld,
  at: number,
): ChangelogPosition | null {
  const changelog = changelogOf(task)
  const offset = changelog === null ? null : (transaction?.endOf?.(changelog) ?? null)
  return offset === null ? null : { offset, at }
}

/** What changed in a task, its marker last; written to its changelog where it has one. */
function seal(each: TaskEpoch, now: number, world: CheckpointWorld): SealedState {
  const { task, progress, receipts } = each
  const { source, stores } = task
  const parts = task.graph.stores.map(store => store.seal())
  const changed = parts.flatMap(({ entries }) => entries)
  const cleared = parts.flatMap(part => part.cleared)
  const changelog = world.changelogOf(task)
  if (changelog === null || source === null) return { entries: changed, cleared }
  const partitionCount = world.partitionCounts.get(source.topic) as number
  const marker = markerOf({ source, partitionCount, progress, receipts, stores })
  const entries = [...changed, markerEntry(marker)]
  for (const page of entryPages(entries)) task.send(changelogRecords(changelog, page, now))
  return { entries, cleared }
}

function offsetOf({ task, progress, receipts }: TaskEpoch, world: CheckpointWorld): OffsetCommit[] {
  const { source } = task
  const isLost = task.subTopology.stores.length > 0 && world.changelogOf(task) === null
  if (source === null || world.member === null || isLost) return []
  const partitionCount = world.partitionCounts.get(source.topic) as number
  const metadata = commitMetadataText({
    epoch: progress.epoch,
    partitionCounts: [{ topic: source.topic, partitionCount }],
    watermarks: [{ ...source, watermark: progress.input.watermark }],
    fingerprint: world.fingerprint,
    receipts: receipts.map((receipt, i) => ({ sink: String(i), receipt })),
  })
  return [{ ...source, offset: progress.position, metadata }]
}
