/**
 * Where a task begins to read, and with what state.
 *
 *   marker  group offset       verdict
 *   none    none               first start: earliest
 *   yes     none (expired)     go on from the marker
 *   yes     equal              go on
 *   none    ours               the changelog is lost: STATE_LOST
 *   yes     moved from outside OFFSETS_MOVED
 *   (no state)                 the group offset, with the watermark of its metadata
 *
 * A task whose state has no changelog (a broker without transactions) begins at the earliest record
 * again, said in one line of the log. A bounded run ends at the high watermark found here.
 */
import { MillraceError } from '../errors.ts'
import type { SubTopology } from '../operator/pipeline.ts'
import { type CommitMetadata, parseCommitMetadata } from '../record/format/commit-metadata.ts'
import type { EpochMarker } from '../record/format/epoch-marker.ts'
import type { TopicPartition } from '../record/topic-partition.ts'
import type { Admin, GroupMember, OffsetCommit } from '../transport/transport.ts'
import type { Logger } from './logger.ts'
import { storesOf } from './stores-of.ts'
import type { TaskStart } from './task.ts'
import { progressOf, receiptsOf, type TaskProgress } from './task-progress.ts'
import type { Waiting } from './waiting.ts'

export interface StartWorld {
  readonly admin: Admin
  /** Null: a run on its own, which starts at the beginning. */
  readonly member: GroupMember | null
  readonly isBounded: boolean
  readonly partitionCounts: ReadonlyMap<string, number>
  readonly log: Logger
  readonly waiting: Waiting
}

/** @param marker what the task's changelog ends with; undefined = it has no changelog. */
export async function taskStart(
  part: SubTopology,
  source: TopicPartition | null,
  marker: EpochMarker | null | undefined,
  world: StartWorld,
): Promise<TaskStart> {
  const stores = storesOf(part, marker ?? null)
  const isNew = { progress: null, receipts: [], stores }
  if (source === null) return { position: 0, end: Number.POSITIVE_INFINITY, ...isNew }
  const { earliest, latest } = await world.admin.offsets(source)
  // An internal topic ends when its writers say so, not where it ended when this run began.
  const isInternal = part.input.kind === 'repartition'
  const end = world.isBounded && !isInternal ? latest : Number.POSITIVE_INFINITY
  // A transaction of an earlier owner may be undecided.
  const asked = world.member?.committed([source]) ?? Promise.resolve([])
  const [committed = null] = await world.waiting(asked)
  const metadata = committed === null ? null : parseCommitMetadata(committed.metadata)
  if (metadata !== null) checkPartitionCounts(part, metadata.partitionCounts, world.partitionCounts)
  const isReplayed = part.stores.length > 0 && marker === undefined
  if (isReplayed) {
    if (world.member !== null && latest > earliest) sayReplay(source, world.log)
    return { position: earliest, end, ...isNew }
  }
  const progress =
    part.stores.length > 0
      ? withState(source, marker ?? null, committed, metadata)
      : withoutState(source, committed, metadata)
  const position = progress?.position ?? committed?.offset ?? earliest
  const receipts = receiptsOf((part.stores.length > 0 ? marker : metadata)?.receipts ?? [])
  return { position, end, progress, receipts, stores }
}

function withState(
  source: TopicPartition,
  marker: EpochMarker | null,
  committed: OffsetCommit | null,
  metadata: CommitMetadata | null,
): TaskProgress | null {
  const progress = marker === null ? null : progressOf(marker, source)
  if (progress === null) {
    if (metadata === null) return null
    throw new MillraceError(
      'STATE_LOST',
      `the group has committed offset ${committed?.offset}, and the changelog of the state that ` +
        'belongs to it is empty. Was it deleted? Restore the topic, or start under a new ' +
        'application id to read the input again from its beginning.',
      source,
    )
  }
  if (committed === null || committed.offset === progress.position) return progress
  throw new MillraceError(
    'OFFSETS_MOVED',
    `the group's offset is ${committed.offset}, and the state ends at ${progress.position}: ` +
      'something else has moved the offset. Move it back to where the state ends, or start under ' +
      'a new application id.',
    source,
  )
}

/** Without state the group's offset is followed wherever it is. */
function withoutState(
  source: TopicPartition,
  committed: OffsetCommit | null,
  metadata: CommitMetadata | null,
): TaskProgress | null {
  if (committed === null || metadata === null) return null
  const mark = metadata.watermarks.find(
    ({ topic, partition }) => topic === source.topic && partition === source.partition,
  )
  const watermark = mark?.watermark ?? Number.NEGATIVE_INFINITY
  const { offset: position } = committed
  const input = { watermark, upstreams: [] }
  return { epoch: metadata.epoch, position, input, isIdle: false, watermark, wallTime: null }
}

/** A partition that was added while the run goes on. */
export function checkPartition(
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
 * Keys move when a partition count changes; only records without state and regrouping may go on.
 */
function dependsOnCount(part: SubTopology): boolean {
  return part.stores.length > 0 || part.repartitions.length > 0
}

function sayReplay(source: TopicPartition, log: Logger): void {
  log.info(
    { ...source },
    'state is kept in memory: this task reads its input from the earliest record again',
  )
}

function checkPartitionCounts(
  part: SubTopology,
  before: CommitMetadata['partitionCounts'],
  now: ReadonlyMap<string, number>,
): void {
  if (!dependsOnCount(part)) return
  for (const { topic, partitionCount } of before) {
    const count = now.get(topic)
    if (count === undefined || count === partitionCount) continue
    throw new MillraceError(
      'PARTITIONS_CHANGED',
      `topic ${JSON.stringify(topic)} had ${partitionCount} partitions at the last commit and ` +
        `has ${count} now, so keys have moved between tasks. Start under a new application id to ` +
        'begin again from the earliest record.',
      { topic },
    )
  }
}
