/**
 * Reads topics from their beginning, committed records only. `untilEnd` goes on to the high
 * watermark: behind everything that is there, open transactions included, for which it waits.
 */

import type { ClientSettings } from '../crash/story.ts'
import {
  answer,
  type ClientConsumer,
  type ClientRecord,
  connectConsumer,
  disconnected,
  highWatermarks,
  withAdmin,
} from '../kafka-client.ts'

const RECORDS_MAX = 1_000
const CONSUME_MS = 200

export interface PartitionName {
  readonly topic: string
  readonly partition: number
}

export class TopicReader {
  readonly #settings: ClientSettings
  readonly #consumer: ClientConsumer
  readonly #partitions: readonly PartitionName[]
  readonly #accept: (record: ClientRecord) => void
  /** The offset to which a partition was read. */
  readonly #positions = new Map<string, number>()

  private constructor(
    settings: ClientSettings,
    consumer: ClientConsumer,
    partitions: readonly PartitionName[],
    accept: (record: ClientRecord) => void,
  ) {
    this.#settings = settings
    this.#consumer = consumer
    this.#partitions = partitions
    this.#accept = accept
    consumer.setDefaultConsumeTimeout(CONSUME_MS)
    consumer.on('partition.eof', end => this.#reached(end))
    consumer.assign(partitions.map(partition => ({ ...partition, offset: 0 })))
  }

  static async open(
    settings: ClientSettings,
    partitions: readonly PartitionName[],
    accept: (record: ClientRecord) => void,
  ): Promise<TopicReader> {
    return new TopicReader(settings, await connectConsumer(settings), partitions, accept)
  }

  /** Hands on what has come; gives how many records. */
  async read(): Promise<number> {
    const records = await answer<readonly ClientRecord[]>(done =>
      this.#consumer.consume(RECORDS_MAX, done),
    )
    for (const record of records) {
      this.#accept(record)
      this.#reached({ ...record, offset: record.offset + 1 })
    }
    return records.length
  }

  /** @throws when the end was not reached in time: a transaction that nobody ends, for example. */
  async untilEnd(timeoutMs: number): Promise<void> {
    const ends = await withAdmin(this.#settings, admin => highWatermarks(admin, this.#partitions))
    const isBehind = (end: PartitionName & { offset: number }): boolean =>
      (this.#positions.get(nameOf(end)) ?? 0) < end.offset
    const deadline = performance.now() + timeoutMs
    for (let behind = ends.filter(isBehind); behind.length > 0; behind = behind.filter(isBehind)) {
      if (performance.now() > deadline) {
        throw new Error(`reading did not come to the end of ${behind.map(nameOf).join(', ')}`)
      }
      await this.read()
    }
  }

  close(): Promise<void> {
    return disconnected(this.#consumer)
  }

  #reached(at: PartitionName & { offset: number }): void {
    const name = nameOf(at)
    this.#positions.set(name, Math.max(at.offset, this.#positions.get(name) ?? 0))
  }
}

function nameOf({ topic, partition }: PartitionName): string {
  return `${topic}/${partition}`
}
