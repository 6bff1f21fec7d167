/**
 * Commits one epoch of all tasks of this process. The order is the contract:
 *
 *   1. barrier between two batches: clock decisions are taken, downstream tasks are told of time
 *   2. sinks prepare: durable, not visible; each gives a receipt
 *   3. changed state is sealed in its stored form
 *   4. the producer is flushed: every record of the epoch acknowledged, or the epoch fails
 *   5. offsets of the tasks without state are committed, with metadata
 *   6. sealed state goes to the backend
 *   7. sinks commit: visible
 *   then the decisions of step 1 come into force and the next epoch begins
 *
 * A crash before 5 repeats the epoch, outputs included. A task with state commits no offsets: its
 * state lives in memory, so it reads again from the beginning after a restart.
 */
import { commitMetadataText } from '../record/format/commit-metadata.ts'
import type { Receipt } from '../sink/sink.ts'
import type { StateSpace } from '../state/state-backend.ts'
import type { GroupMember, OffsetCommit, Producer } from '../transport/transport.ts'
import type { Task } from './task.ts'

export interface CheckpointWorld {
  readonly producer: Producer
  /** Null: nobody commits (a run on its own). */
  readonly member: GroupMember | null
  readonly partitionCounts: ReadonlyMap<string, number>
  readonly fingerprint: string
  readonly spaceOf: (task: Task) => StateSpace | null
  /** Called between 5 and 6: from here on the epoch is not given up any more. */
  readonly onCommitted: () => void
}

export async function checkpoint(
  epoch: number,
  now: number,
  tasks: readonly Task[],
  world: CheckpointWorld,
): Promise<void> {
  for (const task of tasks) task.barrier(epoch, now) // 1
  const receipts = new Map<Task, readonly Receipt[]>()
  for (const task of tasks) receipts.set(task, await task.graph.prepare(epoch)) // 2
  const sealed = tasks.map(task => ({ task, entries: task.graph.seal() })) // 3
  for (const task of tasks) await task.settled()
  await world.producer.flush() // 4
  const offsets = tasks.flatMap(task => offsetOf(epoch, task, receipts.get(task) ?? [], world))
  if (offsets.length > 0) await world.member?.commit(offsets) // 5
  world.onCommitted()
  for (const { task, entries } of sealed) {
    if (entries.length > 0) await world.spaceOf(task)?.write(entries) // 6
  }
  for (const task of tasks) await task.graph.commit(epoch, receipts.get(task) ?? []) // 7
  for (const task of tasks) task.beginEpoch()
}

function offsetOf(
  epoch: number,
  task: Task,
  receipts: readonly Receipt[],
  world: CheckpointWorld,
): OffsetCommit[] {
  const { source, position, partition, inputWatermark } = task
  if (source === null || world.member === null || task.subTopology.isStateful) return []
  const { topic } = source
  const partitionCount = world.partitionCounts.get(topic) as number
  const metadata = commitMetadataText({
    epoch,
    partitionCounts: [{ topic, partitionCount }],
    watermarks: [{ topic, partition, watermark: inputWatermark }],
    fingerprint: world.fingerprint,
    receipts: receipts.map((receipt, i) => ({ sink: String(i), receipt })),
  })
  return [{ ...source, offset: position, metadata }]
}
