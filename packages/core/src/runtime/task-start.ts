/**
 * Where a task begins to read, and with what state.
 *
 *   marker  group offset       verdict             choices
 *   none    none               first start: earliest, committed before the first record
 *   yes     none (expired)     go on from the marker
 *   yes     equal              go on
 *   none    ours               STATE_LOST          follow, replay
 *   cut     any                STATE_LOST          follow, replay
 *   yes     moved from outside OFFSETS_MOVED       keep, follow
 *   other partition count      PARTITIONS_CHANGED  clear
 *   (no state)                 the group offset, with the watermark of its metadata
 *   (a source outside Kafka: the group offset only counts)
 *   yes     any                go on from the position in the marker
 *   none    ours               STATE_LOST          replay
 *   cut     any                STATE_LOST          replay
 *   of a source with another name  SOURCE_CHANGED  keep
 *
 * "Cut" is a changelog whose first records were deleted and not only compacted. A task whose state
 * has no changelog (a broker without transactions) begins at the earliest record again, said in one
 * line of the log. A bounded run ends at the high watermark found here.
 */
import { isKept, type LocalInput, type SubTopology } from '../operator/pipeline.ts'
import { type CommitMetadata, parseCommitMetadata } from '../record/format/commit-metadata.ts'
import type { TopicPartition } from '../record/topic-partition.ts'
import type { Admin, GroupMember, OffsetCommit } from '../transport/transport.ts'
import type { Logger } from './logger.ts'
import { checkPartitionCounts } from './partition-counts.ts'
import type { FoundState } from './restore.ts'
import { storesOf } from './stores-of.ts'
import type { TaskStart } from './task.ts'
import { progressOf, receiptsOf, type TaskProgress } from './task-progress.ts'
import type { VerdictChoices } from './verdict-choices.ts'
import { offsetsMoved, positionLost, sourceChanged, stateLost } from './verdicts.ts'
import type { Waiting } from './waiting.ts'

export interface StartWorld {
  readonly admin: Admin
  /** Null: a run on its own, which starts at the beginning. */
  readonly member: GroupMember | null
  readonly isBounded: boolean
  readonly partitionCounts: ReadonlyMap<string, number>
  readonly choices: VerdictChoices
  readonly log: Logger
  readonly waiting: Waiting
}

/** It is read from its beginning to its end, neither of which is an offset. */
const LOCAL_OFFSETS = { earliest: 0, latest: Number.POSITIVE_INFINITY }

/** What is known of a task with state. */
interface Known {
  readonly source: TopicPartition
  readonly found: FoundState
  readonly committed: OffsetCommit | null
  readonly metadata: CommitMetadata | null
  readonly earliest: number
}

/** Where it goes on, and with what. */
interface Decision {
  /** Null: as if nothing had been before. */
  readonly progress: TaskProgress | null
  readonly position: number
  /** What was there is taken away first. */
  readonly isCleared: boolean
  /** The decision is committed before the first record, so that it is made once. */
  readonly mustCommit: boolean
}

/** @param found what the task's changelog gave; undefined = it has no changelog. */
export async function taskStart(
  part: SubTopology,
  source: TopicPartition | null,
  found: FoundState | undefined,
  world: StartWorld,
): Promise<TaskStart> {
  const { admin, member, isBounded, partitionCounts, choices, log } = world
  const marker = found?.marker ?? null
  const { stores, cleared, news } = storesOf(part, marker, choices.PLAN_CHANGED)
  const { input } = part
  const nothing = { progress: null, receipts: [], cleared: [], planBefore: null, mustCommit: false }
  const isNew = { ...nothing, stores }
  if (source === null) return { position: 0, end: Number.POSITIVE_INFINITY, ...isNew }
  const isLocal = input.kind === 'local'
  const { earliest, latest } = isLocal ? LOCAL_OFFSETS : await admin.offsets(source)
  // An internal topic ends when its writers say so, not where it ended when this run began.
  const isInternal = input.kind === 'repartition'
  const end = isBounded && !isInternal ? latest : Number.POSITIVE_INFINITY
  // A transaction of an earlier owner may be undecided.
  const asked = member?.committed([source]) ?? Promise.resolve([])
  const [committed = null] = await world.waiting(asked)
  const metadata = committed === null ? null : parseCommitMetadata(committed.metadata)
  const before = [...(metadata?.partitionCounts ?? []), ...(marker?.inputs ?? [])]
  const hasOtherCount = checkPartitionCounts(part, before, partitionCounts, choices)
  if (part.stores.length > 0 && found === undefined) {
    if (member !== null && latest > earliest) sayReplay(source, log)
    return { position: earliest, end, ...isNew }
  }
  const known = {
    source,
    found: found ?? { marker: null, isCut: false },
    committed,
    metadata,
    earliest,
  }
  const decision = decided(part, known, choices, log)
  for (const text of news) log.warn({ ...source }, text)
  const isMoved = hasOtherCount && part.stores.length > 0
  if (isMoved) log.warn({ ...source }, 'the state is cleared, as its keys have moved')
  const { progress, position } = decision
  const isEmptied = decision.isCleared || isMoved
  const mustCommit = decision.mustCommit || hasOtherCount || isEmptied || cleared.length > 0
  return {
    position,
    end,
    progress,
    receipts: receiptsOf(((isKept(part) ? marker : null) ?? metadata)?.receipts ?? []),
    stores,
    cleared: isEmptied ? 'all' : cleared,
    planBefore: metadata?.fingerprint ?? null,
    mustCommit,
  }
}

function decided(part: SubTopology, known: Known, choices: VerdictChoices, log: Logger): Decision {
  if (part.input.kind === 'local') return ofSource(part.input, known, choices, log)
  return part.stores.length > 0 ? withState(known, choices, log) : withoutState(known)
}

/** The group's offset of a source outside Kafka only counts: where it goes on, its marker says. */
function ofSource(
  input: LocalInput,
  { source, found, metadata }: Known,
  choices: VerdictChoices,
  log: Logger,
): Decision {
  const { marker, isCut } = found
  const { name } = input.source
  const progress = marker === null ? null : progressOf(marker, source)
  if (isCut || (progress === null && metadata !== null)) {
    if (choices.STATE_LOST !== 'replay') throw positionLost(source, name, isCut)
    log.warn({ ...source }, `${name} is read from its beginning with empty state, as chosen`)
    const begun = anew(marker?.epoch ?? metadata?.epoch ?? 0, 0)
    return { progress: begun, position: 0, isCleared: true, mustCommit: true }
  }
  if (progress === null) return { progress, position: 0, isCleared: false, mustCommit: true }
  const { position } = progress
  const before = progress.source?.name ?? name
  if (before === name) return { progress, position, isCleared: false, mustCommit: false }
  if (choices.SOURCE_CHANGED !== 'keep') {
    throw sourceChanged(source, input.resume as string, [before, name])
  }
  log.warn({ ...source, before, now: name }, 'the source has another name: it goes on, as chosen')
  return { progress, position, isCleared: false, mustCommit: true }
}

function withState(known: Known, choices: VerdictChoices, log: Logger): Decision {
  const { source, found, committed, metadata, earliest } = known
  const { marker, isCut } = found
  const progress = marker === null ? null : progressOf(marker, source)
  const isCleared = { isCleared: true, mustCommit: true }
  if (isCut || (progress === null && metadata !== null)) {
    const choice = choices.STATE_LOST
    if (choice === undefined) throw stateLost(source, committed?.offset ?? null, isCut)
    const follows = choice === 'follow'
    const at = committed?.offset ?? progress?.position ?? earliest
    const position = follows ? at : earliest
    log.warn({ ...source, position }, 'the state is lost: it is empty from here on, as chosen')
    const epoch = marker?.epoch ?? metadata?.epoch ?? 0
    return { progress: anew(epoch, position), position, ...isCleared }
  }
  if (progress === null) {
    const position = committed?.offset ?? earliest
    return { progress, position, isCleared: false, mustCommit: true }
  }
  const { position } = progress
  const goOn = { progress, position, isCleared: false, mustCommit: false }
  if (committed === null || committed.offset === position) return goOn
  const choice = choices.OFFSETS_MOVED
  if (choice === undefined) throw offsetsMoved(source, committed.offset, position)
  const moved = { ...source, stateEnd: position, groupOffset: committed.offset }
  if (choice === 'keep') {
    log.warn(moved, 'the offset was moved: it is set back to where the state ends, as chosen')
    return { ...goOn, mustCommit: true }
  }
  log.warn(moved, 'the offset was moved: it is followed with empty state, as chosen')
  const { offset } = committed
  return { progress: anew(progress.epoch, offset), position: offset, ...isCleared }
}

/** As a first start would go on there; epochs are counted further. */
function anew(epoch: number, position: number): TaskProgress {
  const watermark = Number.NEGATIVE_INFINITY
  const input = { watermark, upstreams: [] }
  return { epoch, position, input, isIdle: false, watermark, wallTime: null }
}

/** Without state the group's offset is followed wherever it is. */
function withoutState({ source, committed, metadata, earliest }: Known): Decision {
  const position = committed?.offset ?? earliest
  const isUntouched = { isCleared: false, mustCommit: false }
  if (metadata === null) return { progress: null, position, ...isUntouched }
  const mark = metadata.watermarks.find(
    ({ topic, partition }) => topic === source.topic && partition === source.partition,
  )
  const watermark = mark?.watermark ?? Number.NEGATIVE_INFINITY
  const input = { watermark, upstreams: [] }
  const time = { isIdle: false, watermark, wallTime: null }
  const progress = { epoch: metadata.epoch, position, input, ...time }
  return { progress, position, ...isUntouched }
}

function sayReplay(source: TopicPartition, log: Logger): void {
  log.info(
    { ...source },
    'state is kept in memory: this task reads its input from the earliest record again',
  )
}
