/**
 * Which partition each record goes to, and into its open batch. Records of a topic that the cluster
 * has not told of yet wait here, as a copy, in their order.
 */
import { MillraceError, type OutgoingRecords } from '@millrace/core'
import { CODE } from '../broker-errors.ts'
import { outgoingCopy } from '../outgoing-copy.ts'
import type { BatchOptions } from '../records/open-batch.ts'
import { type OutgoingRows, outgoingRows } from '../records/outgoing-rows.ts'
import type { Leaders } from './leaders.ts'
import { OutgoingPartition } from './outgoing-partition.ts'
import { produceError } from './produce-errors.ts'
import { rowsByPartition } from './rows-by-partition.ts'

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

interface Failure {
  readonly error: unknown
  readonly row: number
  readonly partition: number
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
    const { partitions } = topic
    const { length } = partitions
    const { rows, ends, stranger } = rowsByPartition(records, length, topic.next++ % length)
    const write = outgoingRows(records, rows)
    // The record that comes first among those that failed is told of.
    let first: Failure | null = null
    if (stranger !== null) {
      first = { ...stranger, error: produceError(CODE.unknownTopicOrPartition, null) }
    }
    let from = 0
    for (let number = 0; number < length; number++) {
      const end = ends[number] as number
      if (end > from) {
        const failure = this.#put(partitions[number] as OutgoingPartition, write, from, end)
        if (failure !== null && (first === null || failure.row < first.row)) first = failure
      }
      from = end
    }
    if (first !== null) this.#receiver.failed(first.error, records.topic, first.partition)
  }

  /** Null: all of them are in batches. */
  #put(open: OutgoingPartition, write: OutgoingRows, from: number, to: number): Failure | null {
    let at = from
    let before = 0
    try {
      while (at < to) {
        before = open.openCount
        const bytesBefore = open.openSize
        at = open.append(write, at, to)
        if (at < to && open.openCount === 0) throw produceError(CODE.messageTooLarge, null)
        this.#receiver.grown(open, open.openSize - bytesBefore)
        if (at < to) this.#receiver.full(open)
      }
      return null
    } catch (error) {
      const row = write.rows[at + open.openCount - before] as number
      return { error, row, partition: open.partition }
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
