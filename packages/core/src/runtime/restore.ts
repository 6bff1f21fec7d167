/**
 * Brings the local state of a task to the end of its changelog.
 *
 * The end is the high watermark asked for after the task became ours, not the last stable offset:
 * the transaction of the previous owner may be decided and not yet readable (Kafka: KAFKA-10167).
 * Only committed records are read, so state is always that of a whole epoch. What is restored goes
 * to the state space in batches, each followed by how far the changelog was read.
 */
import { readChangelogBase } from '../record/format/changelog-base.ts'
import { type EpochMarker, readEpochMarker } from '../record/format/epoch-marker.ts'
import { readLocalPosition, writeLocalPosition } from '../record/format/local-position.ts'
import { CHANGELOG_BASE_KEY, LOCAL_POSITION_KEY, MARKER_KEY } from '../record/format/state-key.ts'
import type { TopicPartition } from '../record/topic-partition.ts'
import { writeInPages } from '../state/entry-pages.ts'
import { WrittenEntry } from '../state/entry-writer.ts'
import type { StateEntry, StateSpace } from '../state/state-backend.ts'
import type { RawBatch } from '../transport/raw-records.ts'
import type { Admin } from '../transport/transport.ts'
import { ByteWriter } from '../util/byte-writer.ts'
import type { ChangelogReader } from './changelog-reader.ts'
import type { RestoreProgress } from './restore-progress.ts'

export interface RestoreWorld {
  readonly admin: Admin
  readonly reader: ChangelogReader
  readonly now: () => number
  /** Local state whose position is older than this is not trusted: tombstones may be gone. */
  readonly ageMsMax: number
  /** Tells one topic from another of the same name. */
  readonly topicId: string
  readonly progress: RestoreProgress
  /** Aborted: the task goes before it was restored. */
  readonly signal: AbortSignal
}

/** What a task's changelog says of it. */
export interface FoundState {
  /** Null: nothing was ever committed. */
  readonly marker: EpochMarker | null
  /** Records that the state needs were deleted, so it may lack some values. */
  readonly isCut: boolean
}

/** Where a changelog ended, and when that was asked. */
export interface ChangelogPosition {
  readonly offset: number
  /** Wall time right before the broker was asked, epoch milliseconds. */
  readonly at: number
}

export async function restore(
  changelog: TopicPartition,
  space: StateSpace,
  world: RestoreWorld,
): Promise<FoundState> {
  const { admin, reader, progress, signal } = world
  // How old the state is counts from here: a process may sleep while it restores.
  const at = world.now()
  const { earliest, latest } = await admin.offsets(changelog)
  const local = await localOffset(space, world)
  const isLocalReused = local !== null && local >= earliest && local <= latest
  if (!isLocalReused) await space.clear()
  const from = isLocalReused ? local : earliest
  // State that may lack something gets no position, so that no later start takes it for whole.
  const isWhole = isLocalReused || earliest === 0
  const reached = (offset: number): StateEntry[] =>
    isWhole ? [positionEntry({ offset, at }, world.topicId)] : []
  progress.begin(from, latest, isLocalReused)
  // Perf: while a batch is written the next one is prepared; no more than that wait.
  let writing: Promise<void> = Promise.resolve()
  const take = async (raw: RawBatch): Promise<void> => {
    const before = writing
    writing = writeInPages(space, [...entriesOf(raw), ...reached(raw.nextOffset)])
    // Awaited by the next batch, or at the end.
    writing.catch(() => {})
    await before
    progress.moved(raw)
  }
  await reader.read(changelog, { from, end: latest, take, signal })
  await writing
  progress.end()
  const [marker, base] = await space.getMany([MARKER_KEY, CHANGELOG_BASE_KEY])
  const isCut = !isWhole && (base ? readChangelogBase(base) : 0) < earliest
  if (!isWhole && !isCut && !signal.aborted) {
    await space.write([positionEntry({ offset: latest, at }, world.topicId)])
  }
  return { marker: marker ? readEpochMarker(marker) : null, isCut }
}

/** How far local state has come at least, stored after it. */
export function positionEntry({ offset, at }: ChangelogPosition, topicId: string): StateEntry {
  const out = new ByteWriter()
  writeLocalPosition({ offset, at, topicId }, out)
  return { key: LOCAL_POSITION_KEY, value: out.take() }
}

async function localOffset(space: StateSpace, world: RestoreWorld): Promise<number | null> {
  const [bytes] = await space.getMany([LOCAL_POSITION_KEY])
  if (!bytes) return null
  const { offset, at, topicId } = readLocalPosition(bytes)
  const isTrusted = topicId === world.topicId && world.now() - at <= world.ageMsMax
  return isTrusted ? offset : null
}

/** Perf: copied together, once for all of a batch. */
function entriesOf(raw: RawBatch): StateEntry[] {
  const out = new ByteWriter()
  const ends: [keyEnd: number, end: number][] = []
  for (let i = 0; i < raw.count; i++) {
    out.range(raw.data, raw.keyStart[i] as number, raw.keySize[i] as number)
    const keyEnd = out.size
    const size = raw.valueSize[i] as number
    if (size >= 0) out.range(raw.data, raw.valueStart[i] as number, size)
    ends.push([keyEnd, size < 0 ? -1 : out.size])
  }
  const page = out.view()
  let start = 0
  return ends.map(([keyEnd, end]) => {
    const entry = new WrittenEntry(page, start, keyEnd, end)
    start = Math.max(keyEnd, end)
    return entry
  })
}
