/**
 * Which partition each record goes to, and into its open batch. Records of a topic that the cluster
 * has not told of yet wait here, as a copy, in their order.
 */
import { MillraceError, type OutgoingRecords, partitionOfKey } from '@millrace/core'
import { CODE } from '../broker-errors.ts'
import { outgoingCopy } from '../outgoing-copy.ts'
import type { BatchOptions } from '../records/open-batch.ts'
import type { Leaders } from './leaders.ts'
import { OutgoingPartition } from './outgoing-partition.ts'
import { produceError } from './produce-errors.ts'

/** Whoever sends what is put together here. */
export interface Receiver {
  /** The open batch of a partition has grown by so many bytes. */
  grown(partition: OutgoingPartition, bytes: number): void
  /** So many bytes wait for their topic to be known; fewer: they do not any more. */
  waiting(bytes: number): void
  /** Its open batch is full: it is to be ended. */
  full(partition: OutgoingPartition): void
  failed(error: unknown, topic: string, partition: number | null): void
}

interface OutgoingTopic {
  /** By their numbers; empty: the topic is not known yet. */
  readonly partitions: OutgoingPartition[]
  readonly waiting: OutgoingRecords[]
  learning: Promise<void> | null
  /** Where records without a key go, each write to the next. */
  next: number
}

const AGAIN_MS = 50
const AGAIN_MS_MAX = 1_000
/** A topic that was just made is not known to every broker at once. */
export const MISSING_MS = 5_000

export class OutgoingTopics {
  readonly #cluster: Leaders
  readonly #options: BatchOptions
  readonly #receiver: Receiver
  readonly #topics = new Map<string, OutgoingTopic>()
  #isClosed = false

  constructor(cluster: Leaders, options: BatchOptions, receiver: Receiver) {
    this.#cluster = cluster
    this.#options = options
    this.#receiver = receiver
  }

  write(records: OutgoingRecords): void {
    const topic = this.#topicOf(records.topic)
    // While it is learned, others may wait that came before.
    if (topic.learning === null && topic.partitions.length > 0) {
      this.#append(records, topic)
      return
    }
    const copy = outgoingCopy(records)
    topic.waiting.push(copy)
    this.#receiver.waiting(copy.data.length)
    topic.learning ??= this.#learn(records.topic, topic)
  }

  /** Topics that are being asked for; empty: nothing waits here. */
  learning(): Promise<void>[] {
    return [...this.#topics.values()].flatMap(({ learning }) => learning ?? [])
  }

  /** Sequences begin again. @param isSame the producer has the id it had */
  startOver(isSame: boolean): void {
    for (const { partitions } of this.#topics.values()) {
      for (const partition of partitions) partition.startOver(isSame)
    }
  }

  partition(topic: string, partition: number): OutgoingPartition | undefined {
    return this.#topics.get(topic)?.partitions[partition]
  }

  close(): void {
    this.#isClosed = true
  }

  #topicOf(name: string): OutgoingTopic {
    const known = this.#topics.get(name)
    if (known !== undefined) return known
    const topic: OutgoingTopic = { partitions: [], waiting: [], learning: null, next: 0 }
    this.#topics.set(name, topic)
    this.#fill(name, topic)
    return topic
  }

  /** Makes its partitions, as far as the cluster has told of them. */
  #fill(name: string, { partitions }: OutgoingTopic): void {
    const count = this.#cluster.topic(name)?.partitions.length ?? 0
    for (let number = partitions.length; number < count; number++) {
      partitions.push(new OutgoingPartition(name, number, this.#options))
    }
  }

  #append(records: OutgoingRecords, topic: OutgoingTopic): void {
    const { count, partitions } = records
    const { length } = topic.partitions
    const keyless = topic.next++ % length
    for (let row = 0; row < count; row++) {
      const number = partitions?.[row] ?? partitionOf(records, row, length, keyless)
      const partition = topic.partitions[number]
      if (partition === undefined) {
        const error = produceError(CODE.unknownTopicOrPartition, null)
        this.#receiver.failed(error, records.topic, number)
        return
      }
      if (!this.#put(partition, records, row)) return
    }
  }

  /** False: it failed. */
  #put(partition: OutgoingPartition, records: OutgoingRecords, row: number): boolean {
    try {
      let before = partition.openSize
      if (!partition.append(records, row)) {
        this.#receiver.full(partition)
        before = 0
        if (!partition.append(records, row)) throw produceError(CODE.messageTooLarge, null)
      }
      this.#receiver.grown(partition, partition.openSize - before)
      return true
    } catch (error) {
      this.#receiver.failed(error, partition.topic, partition.partition)
      return false
    }
  }

  async #learn(name: string, topic: OutgoingTopic): Promise<void> {
    const isKnown = await this.#isKnown(name, topic)
    topic.learning = null
    for (const records of topic.waiting.splice(0)) {
      this.#receiver.waiting(-records.data.length)
      if (isKnown) this.#append(records, topic)
    }
  }

  /** False: it could not be learned, which was told. */
  async #isKnown(name: string, topic: OutgoingTopic): Promise<boolean> {
    const deadline = performance.now() + MISSING_MS
    for (let ms = AGAIN_MS; !this.#isClosed; ms = Math.min(ms * 2, AGAIN_MS_MAX)) {
      const error: unknown = await this.#cluster.refresh([name]).catch(failure => failure)
      this.#fill(name, topic)
      if (topic.partitions.length > 0) return true
      const isLasting = MillraceError.is(error) && !error.retriable
      if (isLasting || performance.now() > deadline) {
        const { errorCode = CODE.unknownTopicOrPartition } = this.#cluster.topic(name) ?? {}
        this.#receiver.failed(error ?? produceError(errorCode, null), name, null)
        return false
      }
      await new Promise(resolve => setTimeout(resolve, ms))
    }
    return false
  }
}

function partitionOf(
  records: OutgoingRecords,
  row: number,
  count: number,
  keyless: number,
): number {
  const size = records.keySize[row] as number
  if (size < 0) return keyless
  return partitionOfKey(records.data, records.keyStart[row] as number, size, count)
}
