/**
 * One partition that a direct fetcher reads: where it stands, and what came and was not taken.
 *
 *   added ─► wanted ─► asked ─► (answer) ─► wanted …
 *              ▲         └─ leader moved ─► lost ─► (brokers described) ─► wanted
 *              └─ paused: kept, not asked         any error that stays ─► failed
 */
import type { MillraceError, RawBatch, TopicPartition } from '@millrace/core'
import { RecordBatchReader } from '../records/record-batch-reader.ts'
import type { FetchedPartition, Leader } from './fetch-source.ts'

/** Ends of the partition as the last answer told them. */
export interface EndsSeen {
  readonly lastStableOffset: number
  readonly highWatermark: number
  /** When they came; `performance.now()`. */
  readonly at: number
}

export interface ReadingOptions {
  readonly checkCrc: boolean
  readonly batchBytesMax: number
  readonly batchRecordsMax: number
}

/** How long a replica that was named is read before the leader is asked again. */
const REPLICA_MS = 300_000

export class DirectReading implements TopicPartition {
  readonly topic: string
  readonly partition: number
  isPaused = false
  /** An answer is under way. */
  isAsked = false
  /** Nobody is known to lead it: the brokers are to be asked. */
  isLost = false
  failure: MillraceError | null = null
  seen: EndsSeen | null = null
  /** Of the topic as it was when this was added; null = not known yet. */
  topicId: string | null = null
  /** Since when the brokers say there is no such partition; null = they do not. */
  missingSince: number | null = null
  #replica: { readonly brokerId: number; readonly until: number } | null = null
  readonly #reader: RecordBatchReader
  readonly #recordsMax: number

  constructor({ topic, partition }: TopicPartition, offset: number, options: ReadingOptions) {
    this.topic = topic
    this.partition = partition
    this.#recordsMax = options.batchRecordsMax
    const { checkCrc, batchBytesMax: bytesMax } = options
    this.#reader = new RecordBatchReader(topic, partition, offset, { checkCrc, bytesMax })
  }

  /** The offset that `take` gives next. */
  get position(): number {
    return this.#reader.position
  }

  /** The offset to ask for next, behind all that waits here. */
  get fetchOffset(): number {
    return this.#reader.fetchOffset
  }

  /** Of what waits here, as it came. */
  get bytes(): number {
    return this.#reader.bytes
  }

  /** Where to ask: the leader, or the replica that it named. */
  brokerOf(leader: Leader): number {
    const replica = this.#replica
    return replica !== null && replica.until > performance.now()
      ? replica.brokerId
      : leader.brokerId
  }

  /** The leader is asked again. */
  leaveReplica(): boolean {
    const had = this.#replica !== null
    this.#replica = null
    return had
  }

  accept({ records, highWatermark, lastStableOffset, preferredReplica }: FetchedPartition): void {
    this.missingSince = null
    if (preferredReplica >= 0) {
      this.#replica = { brokerId: preferredReplica, until: performance.now() + REPLICA_MS }
      return
    }
    const stable = lastStableOffset < 0 ? highWatermark : lastStableOffset
    const at = performance.now()
    this.seen = { lastStableOffset: Math.min(stable, highWatermark), highWatermark, at }
    if (records.end > records.start) this.#reader.add(records)
  }

  /** The next records; null when none wait. @throws what is wrong with their bytes */
  take(): RawBatch | null {
    return this.#reader.bytes === 0 ? null : this.#reader.next(this.#recordsMax)
  }
}
