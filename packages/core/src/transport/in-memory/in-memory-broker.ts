/**
 * A broker in this process: topics, consumer groups, and the accidents a test wants to cause.
 *
 * Applications that share a broker share its topics and groups, as processes share a Kafka cluster.
 * Nothing is random and the only time is that of the clock given, so a run can be repeated exactly.
 * Data is gone with the object. The first half of the class is for tests; the second is what
 * `inMemory` is made of.
 */
import { MillraceError } from '../../errors.ts'
import type { Headers } from '../../record/headers.ts'
import type { TopicPartition } from '../../record/topic-partition.ts'
import { type Clock, SYSTEM_CLOCK } from '../../util/clock.ts'
import { didYouMean } from '../../util/did-you-mean.ts'
import { type PlainRecord, plainRecord } from '../plain-record.ts'
import type { RawRecords } from '../raw-records.ts'
import { RawRecordsBuilder } from '../raw-records-builder.ts'
import type { OffsetCommit } from '../transport.ts'
import { ChangeSignal } from './change-signal.ts'
import { ConsumerGroup } from './consumer-group.ts'
import { PartitionLog } from './partition-log.ts'

export interface InMemoryBrokerOptions {
  /** What timeouts of `poll` and default timestamps go by. Default: the system's clock. */
  readonly clock?: Clock
  readonly clusterId?: string
}

/** A record as a test writes it; text is UTF-8, what is left out is null. */
export interface RecordToAppend {
  readonly key?: string | Uint8Array | null
  readonly value?: string | Uint8Array | null
  /** Epoch milliseconds; default: now. */
  readonly timestamp?: number
  readonly headers?: Headers
}

/** A record as a test reads it. */
export interface StoredRecord extends PlainRecord {
  readonly partition: number
  readonly offset: number
}

interface Topic {
  readonly logs: PartitionLog[]
  /** How many of the next records written fail. */
  failuresDue: number
}

export class InMemoryBroker {
  readonly clusterId: string
  readonly clock: Clock
  /** Told whenever a fetcher may find something new. */
  readonly changes: ChangeSignal = new ChangeSignal()
  readonly #topics = new Map<string, Topic>()
  readonly #groups = new Map<string, ConsumerGroup>()
  #isReachable = true
  #breaks = 0

  constructor(options: InMemoryBrokerOptions = {}) {
    this.clock = options.clock ?? SYSTEM_CLOCK
    this.clusterId = options.clusterId ?? 'in-memory'
  }

  /**
   * Like `Admin.createTopic`: a topic that is there with the same partition count is left as it is.
   */
  createTopic(name: string, partitionCount = 1): void {
    checkTopic(name, partitionCount)
    const known = this.#topics.get(name)
    if (known !== undefined) checkCount(name, known.logs.length, partitionCount)
    else {
      this.#topics.set(name, { logs: [], failuresDue: 0 })
      this.addPartitions(name, partitionCount)
    }
  }

  /** Makes a topic have more partitions, as an operator may do at any time. */
  addPartitions(name: string, count: number): void {
    const { logs } = this.#topic(name)
    for (let i = 0; i < count; i++) logs.push(new PartitionLog())
    for (const group of this.#groups.values()) group.rebalance()
    this.changes.notify()
  }

  /** Appends records as a foreign producer would. */
  append(topic: string, partition: number, records: Iterable<RecordToAppend>): void {
    const builder = new RawRecordsBuilder()
    for (const { key, value, timestamp, headers } of records) {
      builder.append(bytesOf(key), bytesOf(value), timestamp ?? this.clock.now(), headers)
    }
    const raw = builder.build()
    const log = this.log(topic, partition)
    for (let i = 0; i < raw.count; i++) log.append(raw, i)
    this.changes.notify()
  }

  /** All committed records of a topic, partition by partition, or of one partition. */
  read(topic: string, partition?: number): StoredRecord[] {
    const partitions = partition === undefined ? this.#topic(topic).logs.keys() : [partition]
    return [...partitions].flatMap(p => readAll(this.log(topic, p), p))
  }

  /** Deletes the records before `offset`, as retention does. */
  trim(topic: string, partition: number, offset: number): void {
    this.log(topic, partition).trim(offset)
    this.changes.notify()
  }

  /** Leaves a gap of `count` offsets, as compaction does. */
  skipOffsets(topic: string, partition: number, count: number): void {
    this.log(topic, partition).skip(count)
    this.changes.notify()
  }

  /**
   * Opens a transaction of a foreign producer: what is appended after it cannot be read (the high
   * watermark moves, the last stable offset does not) until the function given is called, which
   * commits it with a control record.
   */
  holdTransaction(topic: string, partition: number): () => void {
    const transaction = this.log(topic, partition).begin()
    return () => {
      transaction.end(true)
      this.changes.notify()
    }
  }

  /** The next record that a producer writes to the topic is lost and its `flush` rejects. */
  failNextDelivery(topic: string): void {
    this.#topic(topic).failuresDue++
  }

  /** Ids of a group's members in the order they joined. */
  members(groupId: string): string[] {
    return this.group(groupId).members.map(member => member.id)
  }

  /** The partitions of each member, by its id. */
  assignment(groupId: string): Map<string, TopicPartition[]> {
    const { members } = this.group(groupId)
    return new Map(members.map(member => [member.id, [...member.owned.values()]]))
  }

  /**
   * Takes a member out of its group as after missed heartbeats; it comes back unless told
   * otherwise.
   */
  expel(groupId: string, memberId: string, options: { readonly comesBack?: boolean } = {}): void {
    const group = this.group(groupId)
    const member = group.members.find(({ id }) => id === memberId)
    if (member === undefined) {
      const members = this.members(groupId).join(', ')
      throw new MillraceError(
        'INVALID_ARGUMENT',
        `no member ${memberId} in group ${groupId}; members are ${members}.`,
      )
    }
    group.expel(member, options.comesBack ?? true)
  }

  /** The offset a group has committed, or null. */
  committed(groupId: string, partition: TopicPartition): OffsetCommit | null {
    return this.group(groupId).committed(partition.topic, partition.partition) ?? null
  }

  /** Moves a group's offset from outside, as an operator's tool does. */
  setCommitted(groupId: string, commit: OffsetCommit): void {
    this.group(groupId).setCommitted(commit)
  }

  /** Nobody reaches the broker until `heal`: calls fail at once with BROKER_UNREACHABLE. */
  breakConnections(): void {
    this.#isReachable = false
    this.#breaks++
    this.changes.notify()
  }

  heal(): void {
    this.#isReachable = true
    this.changes.notify()
  }

  // ---- for the transport

  get isReachable(): boolean {
    return this.#isReachable
  }

  /** Changes whenever connections break: what was learned through another one is not recent. */
  get connection(): number {
    return this.#breaks
  }

  /** @throws BROKER_UNREACHABLE while connections are broken. */
  reach(): void {
    if (this.#isReachable) return
    throw new MillraceError(
      'BROKER_UNREACHABLE',
      'the in-memory broker does not answer: breakConnections() was called. Call heal().',
      { retriable: true },
    )
  }

  /** Null = no such topic. */
  partitionCount(topic: string): number | null {
    return this.#topics.get(topic)?.logs.length ?? null
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

  /** Takes a record of a producer; false = its delivery failed. */
  deliver(topic: string, partition: number, raw: RawRecords, index: number): boolean {
    const known = this.#topic(topic)
    const log = this.log(topic, partition)
    if (known.failuresDue > 0) {
      known.failuresDue--
      return false
    }
    log.append(raw, index)
    return true
  }

  group(groupId: string): ConsumerGroup {
    const known = this.#groups.get(groupId)
    if (known !== undefined) return known
    const group = new ConsumerGroup(groupId, topics => this.#partitionsOf(topics))
    this.#groups.set(groupId, group)
    return group
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

  #partitionsOf(topics: ReadonlySet<string>): TopicPartition[] {
    return [...topics].flatMap(topic => {
      const count = this.partitionCount(topic) ?? 0
      return Array.from({ length: count }, (_, partition) => ({ topic, partition }))
    })
  }
}

function bytesOf(value: string | Uint8Array | null | undefined): Uint8Array | null {
  if (value === undefined || value === null) return null
  return typeof value === 'string' ? Buffer.from(value) : value
}

function readAll(log: PartitionLog, partition: number): StoredRecord[] {
  const records: StoredRecord[] = []
  let offset = log.earliest
  for (;;) {
    const read = log.read(offset, Infinity, Infinity)
    if (read === null) return records
    for (let i = 0; i < read.records.count; i++) {
      const { key, value, timestamp, headers } = plainRecord(read.records, i)
      const place = { partition, offset: read.offsets[i] as number }
      records.push({ ...place, key, value, timestamp, headers })
    }
    offset = read.nextOffset
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
