/**
 * The topics of the in-memory broker: their logs, their configuration, and which of the next
 * records sent to them are lost because a test wants it.
 */
import { MillraceError } from '../../errors.ts'
import type { TopicPartition } from '../../record/topic-partition.ts'
import { didYouMean } from '../../util/did-you-mean.ts'
import type { RawRecords } from '../raw-records.ts'
import { PartitionLog } from './partition-log.ts'

export type TopicConfig = Readonly<Record<string, string>>

interface Topic {
  /** Tells it from another that had the same name. */
  readonly id: number
  readonly logs: PartitionLog[]
  readonly isCompacted: boolean
  /** How many of the next records written fail. */
  failuresDue: number
}

export class BrokerTopics {
  readonly #topics = new Map<string, Topic>()
  #made = 0

  get names(): string[] {
    return [...this.#topics.keys()]
  }

  /** False = it is there already, with the same partition count. */
  create(name: string, partitionCount: number, config: TopicConfig): boolean {
    checkTopic(name, partitionCount)
    const known = this.#topics.get(name)
    if (known !== undefined) {
      checkCount(name, known.logs.length, partitionCount)
      return false
    }
    const policies = (config['cleanup.policy'] ?? '').split(',').map(policy => policy.trim())
    const isCompacted = policies.includes('compact')
    this.#topics.set(name, { id: this.#made++, logs: [], isCompacted, failuresDue: 0 })
    this.addPartitions(name, partitionCount)
    return true
  }

  addPartitions(name: string, count: number): void {
    const { logs } = this.#topic(name)
    for (let i = 0; i < count; i++) logs.push(new PartitionLog())
  }

  delete(name: string): void {
    this.#topic(name)
    this.#topics.delete(name)
  }

  idOf(name: string): number {
    return this.#topic(name).id
  }

  /** Null = no such topic. */
  partitionCount(name: string): number | null {
    return this.#topics.get(name)?.logs.length ?? null
  }

  /** Every partition of those of the topics that exist. */
  partitionsOf(topics: ReadonlySet<string>): TopicPartition[] {
    return [...topics].flatMap(topic => {
      const count = this.partitionCount(topic) ?? 0
      return Array.from({ length: count }, (_, partition) => ({ topic, partition }))
    })
  }

  /** @throws TOPIC_MISSING when there is no such topic or partition. */
  log(topic: string, partition: number): PartitionLog {
    const { logs } = this.#topic(topic)
    const log = logs[partition]
    if (log !== undefined) return log
    throw new MillraceError(
      'TOPIC_MISSING',
      `there is no partition ${partition}: the topic has ${logs.length}, numbered from 0.`,
      { topic, partition },
    )
  }

  /** The log that takes a record; null when a test wants its delivery to fail. */
  accept(topic: string, partition: number, raw: RawRecords, index: number): PartitionLog | null {
    const known = this.#topic(topic)
    const log = this.log(topic, partition)
    if (known.failuresDue > 0) {
      known.failuresDue--
      return null
    }
    if (known.isCompacted && (raw.keySize[index] as number) < 0) {
      throw new MillraceError(
        'BROKER_REFUSED',
        'a compacted topic takes no record with a null key. Give the record a key, or create ' +
          'the topic with cleanup.policy=delete.',
        { topic, partition },
      )
    }
    return log
  }

  failNext(topic: string): void {
    this.#topic(topic).failuresDue++
  }

  compact(topic: string, partition: number, areTombstonesDropped: boolean): void {
    if (!this.#topic(topic).isCompacted) {
      throw new MillraceError(
        'INVALID_ARGUMENT',
        'the topic is not compacted. Create it with the config cleanup.policy=compact.',
        { topic },
      )
    }
    this.log(topic, partition).compact(areTombstonesDropped)
  }

  #topic(name: string): Topic {
    const topic = this.#topics.get(name)
    if (topic !== undefined) return topic
    throw new MillraceError(
      'TOPIC_MISSING',
      `the in-memory broker has no topic ${JSON.stringify(name)}.` +
        `${didYouMean(name, this.#topics.keys())} Create it with createTopic.`,
      { topic: name },
    )
  }
}

/** The names Kafka allows, so that what works here works there. */
function checkTopic(name: string, partitionCount: number): void {
  const isGoodName = /^[\w.-]{1,249}$/.test(name) && name !== '.' && name !== '..'
  if (!isGoodName) {
    throw new MillraceError(
      'INVALID_ARGUMENT',
      'a topic name has 1 to 249 of the characters a-z A-Z 0-9 . _ -; ' +
        `got ${JSON.stringify(name)}.`,
    )
  }
  if (!Number.isInteger(partitionCount) || partitionCount < 1) {
    throw new MillraceError(
      'INVALID_ARGUMENT',
      `topic ${name} needs a whole number of partitions >= 1; got ${partitionCount}.`,
    )
  }
}

function checkCount(topic: string, there: number, wanted: number): void {
  if (there === wanted) return
  throw new MillraceError(
    'TOPIC_MISCONFIGURED',
    `the topic has ${there} partitions, expected ${wanted}. ` +
      'Take another name, or ask for the partitions it has.',
    { topic },
  )
}
