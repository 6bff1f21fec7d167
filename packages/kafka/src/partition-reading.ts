/**
 * One partition that a fetcher reads: where it stands, and the records that came and were not
 * taken.
 *
 *   added ─► checked (the offset is there) ─► assigned ─► removed
 *      │                                        │  ▲
 *      └──────────► failed ◄────────────────────┘  └─ paused: unassigned, queue dropped
 *
 * Records wait in chunks no larger than one batch, so that taking a batch copies nothing.
 */
import {
  type MillraceError,
  type RawBatch,
  RawRecordsBuilder,
  type TopicPartition,
} from '@millrace/core'
import type { NativeRecord } from './native-client.ts'
import { fromNativeHeaders } from './native-headers.ts'

/** Bytes of one batch at most, but at least one record. */
const CHUNK_BYTES_MAX = 256 * 1024
/** What a record costs beside its bytes. */
const RECORD_BYTES = 64

interface Chunk {
  readonly builder: RawRecordsBuilder
  readonly offsets: number[]
  bytes: number
}

/** Ends of the partition as the broker told them. */
export interface EndsSeen {
  readonly lastStableOffset: number
  readonly highWatermark: number
  /** When they were asked for; `performance.now()`. */
  readonly askedAt: number
}

export class PartitionReading implements TopicPartition {
  readonly topic: string
  readonly partition: number
  isChecked = false
  isAssigned = false
  isPaused = false
  /** Others must come to their turn before the client reads more of this one. */
  isHeld = false
  failure: MillraceError | null = null
  /** Of the topic as it was when this was added. */
  topicId: string | null = null
  seen: EndsSeen | null = null
  /** Since when nothing has come; `performance.now()`. */
  silentSince: number = performance.now()
  queuedBytes = 0
  /** The offset the client gives next. */
  #position: number
  readonly #recordsMax: number
  readonly #chunks: Chunk[] = []
  #lastChunkBytes = 1024

  constructor({ topic, partition }: TopicPartition, offset: number, recordsMax: number) {
    this.topic = topic
    this.partition = partition
    this.#position = offset
    this.#recordsMax = recordsMax
  }

  /** The offset that `take` gives next: of a record that waits, or where one will come. */
  get position(): number {
    return this.#chunks[0]?.offsets[0] ?? this.#position
  }

  /** The offset that the client reads next, behind all that waits here. */
  get clientPosition(): number {
    return this.#position
  }

  /** Known to have more to read, and nothing of it is here. */
  get isStarving(): boolean {
    const more = this.seen !== null && this.#position < this.seen.lastStableOffset
    return this.isAssigned && this.isEmpty && more
  }

  get isEmpty(): boolean {
    return this.#chunks.length === 0
  }

  /** A record from the client. One that was given before is passed over. */
  append(record: NativeRecord): void {
    if (record.offset < this.#position) return
    const { key, value, timestamp, headers, offset } = record
    const chunk = this.#openChunk()
    const sizeBefore = chunk.builder.dataBytes
    chunk.builder.append(
      key,
      value,
      timestamp,
      headers === undefined ? undefined : fromNativeHeaders(headers),
    )
    chunk.offsets.push(offset)
    const bytes = chunk.builder.dataBytes - sizeBefore + RECORD_BYTES
    chunk.bytes += bytes
    this.queuedBytes += bytes
    this.moveTo(offset + 1)
  }

  /** Everything before `offset` was given: there may be gaps and control records. */
  moveTo(offset: number): void {
    if (offset <= this.#position) return
    this.#position = offset
    this.silentSince = performance.now()
  }

  /** The next records; null when none wait. */
  take(): RawBatch | null {
    const chunk = this.#chunks.shift()
    if (chunk === undefined) return null
    this.queuedBytes -= chunk.bytes
    const { topic, partition } = this
    return {
      ...chunk.builder.build(),
      topic,
      partition,
      offsets: Float64Array.from(chunk.offsets),
      nextOffset: this.position,
    }
  }

  /** Forgets the records that wait; they must be read again. */
  drop(): void {
    this.#position = this.position
    this.#chunks.length = 0
    this.queuedBytes = 0
    this.seen = null
  }

  #openChunk(): Chunk {
    const last = this.#chunks.at(-1)
    if (
      last !== undefined &&
      last.offsets.length < this.#recordsMax &&
      last.bytes < CHUNK_BYTES_MAX
    ) {
      return last
    }
    if (last !== undefined) this.#lastChunkBytes = last.builder.dataBytes
    const capacity = Math.min(Math.max(1024, this.#lastChunkBytes), CHUNK_BYTES_MAX)
    const chunk = { builder: new RawRecordsBuilder(capacity), offsets: [], bytes: 0 }
    this.#chunks.push(chunk)
    return chunk
  }
}
