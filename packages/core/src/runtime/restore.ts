/**
 * Brings the local state of a task to the end of its changelog.
 *
 * The end is the high watermark asked for after the task became ours, not the last stable offset:
 * the transaction of the previous owner may be decided and not yet readable (Kafka: KAFKA-10167).
 * Only committed records are read, so state is always that of a whole epoch. What is restored goes
 * to the state space in batches, together with how far the changelog was read.
 */
import { type EpochMarker, readEpochMarker } from '../record/format/epoch-marker.ts'
import { readLocalPosition, writeLocalPosition } from '../record/format/local-position.ts'
import { LOCAL_POSITION_KEY, MARKER_KEY } from '../record/format/state-key.ts'
import type { TopicPartition } from '../record/topic-partition.ts'
import type { StateEntry, StateSpace } from '../state/state-backend.ts'
import type { RawBatch } from '../transport/raw-records.ts'
import type { Fetcher, Transport } from '../transport/transport.ts'
import { ByteWriter } from '../util/byte-writer.ts'
import type { Waiting } from './waiting.ts'

const POLL_MS = 100
const BUFFER_BYTES_MAX = 16 * 1024 * 1024
const BATCH_RECORDS_MAX = 10_000

export interface RestoreWorld {
  readonly transport: Transport
  readonly now: () => number
  /** Local state whose position is older than this is not trusted: tombstones may be gone. */
  readonly ageMsMax: number
  /** Tells one topic from another of the same name. */
  readonly topicId: string
  readonly waiting: Waiting
}

export interface Restored {
  /** Null: nothing was ever committed. */
  readonly marker: EpochMarker | null
  /** Records read from the changelog. */
  readonly recordsRead: number
  /** True when local state was there and was used. */
  readonly isLocalReused: boolean
}

export async function restore(
  changelog: TopicPartition,
  space: StateSpace,
  world: RestoreWorld,
): Promise<Restored> {
  const { earliest, latest } = await world.transport.admin.offsets(changelog)
  const local = await localOffset(space, world)
  const isLocalReused = local !== null && local >= earliest && local <= latest
  if (!isLocalReused) await space.clear()
  const from = isLocalReused ? local : earliest
  const recordsRead =
    from < latest ? await readTo(changelog, { from, end: latest }, space, world) : 0
  const [marker] = await space.getMany([MARKER_KEY])
  return { marker: marker ? readEpochMarker(marker) : null, recordsRead, isLocalReused }
}

/** How far local state has come, stored beside it in one batch with it. */
export function positionEntry(
  offset: number,
  world: Pick<RestoreWorld, 'now' | 'topicId'>,
): StateEntry {
  const out = new ByteWriter()
  writeLocalPosition({ offset, at: world.now(), topicId: world.topicId }, out)
  return { key: LOCAL_POSITION_KEY, value: out.take() }
}

async function localOffset(space: StateSpace, world: RestoreWorld): Promise<number | null> {
  const [bytes] = await space.getMany([LOCAL_POSITION_KEY])
  if (!bytes) return null
  const { offset, at, topicId } = readLocalPosition(bytes)
  const isTrusted = topicId === world.topicId && world.now() - at <= world.ageMsMax
  return isTrusted ? offset : null
}

async function readTo(
  changelog: TopicPartition,
  range: { readonly from: number; readonly end: number },
  space: StateSpace,
  world: RestoreWorld,
): Promise<number> {
  const limits = { bufferBytesMax: BUFFER_BYTES_MAX, batchRecordsMax: BATCH_RECORDS_MAX }
  const fetcher = await world.transport.createFetcher(limits)
  let position = range.from
  let recordsRead = 0
  try {
    fetcher.add(changelog, position)
    while (position < range.end) {
      const raw = await world.waiting(fetcher.poll(POLL_MS))
      position = raw?.nextOffset ?? positionOf(fetcher, changelog, position)
      if (raw === null) continue
      recordsRead += raw.count
      await space.write([...entriesOf(raw), positionEntry(position, world)])
    }
  } finally {
    await fetcher.close()
  }
  return recordsRead
}

/** Control records and gaps at the end move the position without a batch. */
function positionOf(fetcher: Fetcher, changelog: TopicPartition, position: number): number {
  return Math.max(position, fetcher.progress(changelog)?.position ?? position)
}

function entriesOf(raw: RawBatch): StateEntry[] {
  return Array.from({ length: raw.count }, (_, i) => {
    const keyAt = raw.keyStart[i] as number
    const valueAt = raw.valueStart[i] as number
    const valueSize = raw.valueSize[i] as number
    return {
      key: raw.data.subarray(keyAt, keyAt + (raw.keySize[i] as number)),
      value: valueSize < 0 ? null : raw.data.subarray(valueAt, valueAt + valueSize),
    }
  })
}
