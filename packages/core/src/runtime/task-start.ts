/**
 * Where a task begins to read.
 *
 * Without state: at the committed offset, with the watermark its metadata holds; a first start
 * begins at the earliest record. With state in memory only: always at the earliest record, said in
 * one line of the log. A bounded run ends at the high watermark found here.
 */
import { MillraceError } from '../errors.ts'
import type { SubTopology } from '../operator/pipeline.ts'
import { type CommitMetadata, parseCommitMetadata } from '../record/format/commit-metadata.ts'
import type { TopicPartition } from '../record/topic-partition.ts'
import type { Admin, GroupMember } from '../transport/transport.ts'
import type { Logger } from './logger.ts'
import type { TaskStart } from './task.ts'

export interface StartWorld {
  readonly admin: Admin
  /** Null: a run on its own, which starts at the beginning. */
  readonly member: GroupMember | null
  readonly isBounded: boolean
  readonly partitionCounts: ReadonlyMap<string, number>
  readonly log: Logger
}

export async function taskStart(
  part: SubTopology,
  source: TopicPartition | null,
  world: StartWorld,
): Promise<TaskStart> {
  if (source === null) return { position: 0, end: Number.POSITIVE_INFINITY, watermark: NOTHING }
  checkPartition(part, source, world.partitionCounts)
  const { earliest, latest } = await world.admin.offsets(source)
  // An internal topic ends when its writers say so, not where it ended when this run began.
  const isInternal = part.input.kind === 'repartition'
  const end = world.isBounded && !isInternal ? latest : Number.POSITIVE_INFINITY
  const committed = (await world.member?.committed([source])) ?? []
  const [last] = committed
  const metadata = last === undefined ? null : parseCommitMetadata(last.metadata)
  if (metadata !== null) checkPartitionCounts(part, metadata, world.partitionCounts)
  if (part.isStateful || last === undefined) {
    if (part.isStateful && world.member !== null && latest > earliest) sayReplay(source, world.log)
    return { position: earliest, end, watermark: NOTHING }
  }
  const mark = metadata?.watermarks.find(
    ({ topic, partition }) => topic === source.topic && partition === source.partition,
  )
  return { position: last.offset, end, watermark: mark?.watermark ?? NOTHING }
}

const NOTHING = Number.NEGATIVE_INFINITY

/** A partition that was added while the run goes on. */
function checkPartition(
  part: SubTopology,
  { topic, partition }: TopicPartition,
  planned: ReadonlyMap<string, number>,
): void {
  const count = planned.get(topic)
  if (count === undefined || partition < count || !dependsOnCount(part)) return
  throw new MillraceError(
    'PARTITIONS_CHANGED',
    `topic ${JSON.stringify(topic)} had ${count} partitions when this run began and has more ` +
      'now, so keys have moved between tasks. Start under a new application id to begin again ' +
      'from the earliest record.',
    { topic, partition },
  )
}

/**
 * Keys move when a partition count changes; only records without state and regrouping may follow
 * that.
 */
function dependsOnCount(part: SubTopology): boolean {
  return part.isStateful || part.repartitions.length > 0
}

function sayReplay(source: TopicPartition, log: Logger): void {
  log.info(
    { ...source },
    'state is kept in memory: this task reads its input from the earliest record again',
  )
}

function checkPartitionCounts(
  part: SubTopology,
  metadata: CommitMetadata,
  now: ReadonlyMap<string, number>,
): void {
  if (!dependsOnCount(part)) return
  for (const { topic, partitionCount } of metadata.partitionCounts) {
    const count = now.get(topic)
    if (count === undefined || count === partitionCount) continue
    throw new MillraceError(
      'PARTITIONS_CHANGED',
      `topic ${JSON.stringify(topic)} had ${partitionCount} partitions at the last commit ` +
        `and has ${count} now, ` +
        'so keys have moved between tasks. Start under a new application id to begin again ' +
        'from the earliest record.',
      { topic },
    )
  }
}
