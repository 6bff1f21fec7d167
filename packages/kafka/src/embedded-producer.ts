/**
 * The producer of the embedded broker: the usual one behind a check that there is room.
 *
 * It chooses partitions itself, by the same murmur2, because room is counted per partition.
 */
import {
  type MillraceError,
  type OutgoingRecords,
  type Producer,
  partitionOfKey,
} from '@millrace/core'
import { type EmbeddedLedger, embeddedFull } from './embedded-ledger.ts'

/** Partitions of every topic there. */
export const EMBEDDED_PARTITIONS = 4

/** Less than the client's `linger.ms` of 5: records written within it share a batch. */
const SHARED_BATCH_MS = 2
/** A batch takes 10,000 records or 1 MB, whichever comes first. */
const BATCH_RECORDS_MAX = 1_000

export class EmbeddedProducer implements Producer {
  readonly #inner: Producer
  readonly #ledger: EmbeddedLedger
  /** Per partition, the batch that a record written now would come into. */
  readonly #batches = new Map<string, { openedAt: number; records: number }>()
  #turn = 0
  #failure: MillraceError | null = null
  #flushes = 0

  constructor(inner: Producer, ledger: EmbeddedLedger) {
    this.#inner = inner
    this.#ledger = ledger
  }

  write(records: OutgoingRecords): Promise<void> | undefined {
    const partitions = records.partitions ?? this.#partitionsOf(records)
    const full = this.#firstWithoutRoom(records, partitions)
    if (full === -1) return this.#inner.write({ ...records, partitions })
    const { topic } = records
    const what = 'A record was not written, because the partition is full.'
    this.#failure ??= embeddedFull(topic, partitions[full] as number, what)
    return undefined
  }

  async flush(): Promise<void> {
    this.#flushes++
    try {
      await this.#inner.flush()
    } finally {
      this.#flushes--
      this.#batches.clear()
    }
    const failure = this.#failure
    this.#failure = null
    if (failure !== null) throw failure
  }

  close(): Promise<void> {
    return this.#inner.close()
  }

  #firstWithoutRoom(records: OutgoingRecords, partitions: Int32Array): number {
    const { topic, keySize, valueSize, headersSize } = records
    const now = performance.now()
    for (let i = 0; i < records.count; i++) {
      const partition = partitions[i] as number
      const bytes =
        Math.max(0, keySize[i] as number) +
        Math.max(0, valueSize[i] as number) +
        (headersSize[i] as number)
      const opens = this.#opensBatch(`${topic}/${partition}`, now)
      if (!this.#ledger.admits(topic, partition, bytes, opens)) return i
    }
    return -1
  }

  #opensBatch(name: string, now: number): boolean {
    const batch = this.#batches.get(name)
    const isShared =
      batch !== undefined &&
      this.#flushes === 0 &&
      now - batch.openedAt < SHARED_BATCH_MS &&
      batch.records < BATCH_RECORDS_MAX
    if (isShared) batch.records++
    else this.#batches.set(name, { openedAt: now, records: 1 })
    return !isShared
  }

  #partitionsOf(records: OutgoingRecords): Int32Array {
    const { data, keyStart, keySize, count } = records
    return Int32Array.from({ length: count }, (_, i) => {
      const size = keySize[i] as number
      if (size < 0) return this.#turn++ % EMBEDDED_PARTITIONS
      return partitionOfKey(data, keyStart[i] as number, size, EMBEDDED_PARTITIONS)
    })
  }
}
