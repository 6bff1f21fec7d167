import type { TopicPartition } from '@millrace/core'
import type { FetchSource } from './fetch-source.ts'

/**
 * Where partitions begin and end, asked of their leaders directly: in a commit nothing goes on
 * meanwhile, and librdkafka takes some milliseconds for it.
 */
export class DirectOffsets {
  readonly #source: FetchSource
  /** Topics whose leaders may be others by now. */
  readonly #stale = new Set<string>()

  constructor(source: FetchSource) {
    this.#source = source
  }

  /** Null: the leader is not known or does not answer, and others are to be asked. */
  async of(partition: TopicPartition): Promise<{ earliest: number; latest: number } | null> {
    const { topic } = partition
    try {
      if (this.#stale.delete(topic) || this.#leaderOf(partition) === null) {
        await this.#source.refresh([topic])
      }
      return this.#leaderOf(partition) === null ? null : await this.#source.offsets(partition)
    } catch {
      this.#stale.add(topic)
      return null
    }
  }

  close(): void {
    this.#source.close()
  }

  #leaderOf({ topic, partition }: TopicPartition) {
    return this.#source.topic(topic)?.leaders[partition] ?? null
  }
}
