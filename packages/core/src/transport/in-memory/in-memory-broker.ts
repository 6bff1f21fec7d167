/**
 * A broker in this process: topics, groups, transactions, and the accidents a test wants to cause.
 *
 * Applications that share a broker share its topics and groups, as processes share a Kafka cluster.
 * Nothing is random and the only time is that of the clock given, so a run can be repeated exactly.
 * Data is gone with the object. The first half of the class is for tests; the second is what
 * `inMemory` is made of.
 */
import { MillraceError } from '../../errors.ts'
import type { Headers } from '../../record/headers.ts'
import type { PlainRecord } from '../../record/plain-record.ts'
import type { TopicPartition } from '../../record/topic-partition.ts'
import { type Clock, SYSTEM_CLOCK } from '../../util/clock.ts'
import { plainRecord } from '../plain-record.ts'
import type { RawRecords } from '../raw-records.ts'
import { RawRecordsBuilder } from '../raw-records-builder.ts'
import type { OffsetCommit } from '../transport.ts'
import { BrokerTopics, type TopicConfig } from './broker-topics.ts'
import { ChangeSignal } from './change-signal.ts'
import { ClientLine } from './client-line.ts'
import { ConsumerGroup } from './consumer-group.ts'
import { FaultPlan } from './fault-plan.ts'
import type { PartitionLog } from './partition-log.ts'
import { TransactionCoordinator } from './transaction-coordinator.ts'

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

export class InMemoryBroker {
  readonly clusterId: string
  readonly clock: Clock
  /** Told whenever a fetcher may find something new. */
  readonly changes: ChangeSignal = new ChangeSignal()
  /** What goes wrong between clients and the broker, call by call. */
  readonly faults: FaultPlan = new FaultPlan()
  readonly transactions: TransactionCoordinator
  /** In which order partitions are looked at by a poll; as given = in turn. */
  readOrder: <T>(inTurn: readonly T[]) => readonly T[] = inTurn => inTurn
  readonly #topics = new BrokerTopics()
  readonly #lines = new Map<string, ClientLine>()
  readonly #groups = new Map<string, ConsumerGroup>()
  #isReachable = true
  #breaks = 0

  constructor(options: InMemoryBrokerOptions = {}) {
    this.clock = options.clock ?? SYSTEM_CLOCK
    this.clusterId = options.clusterId ?? 'in-memory'
    this.transactions = new TransactionCoordinator(this.clock, () => this.changes.notify())
  }

  /**
   * Like `Admin.createTopic`: a topic that is there with the same partition count is left as it is.
   * Of the config, only `cleanup.policy=compact` has an effect: see `compact`.
   */
  createTopic(name: string, partitionCount = 1, config: TopicConfig = {}): void {
    if (this.#topics.create(name, partitionCount, config)) this.#partitionsChanged()
  }

  /** Makes a topic have more partitions, as an operator may do at any time. */
  addPartitions(name: string, count: number): void {
    this.#topics.addPartitions(name, count)
    this.#partitionsChanged()
  }

  /** Deletes a topic and all that is in it. */
  deleteTopic(name: string): void {
    this.#topics.delete(name)
    this.#partitionsChanged()
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
    const all = this.#topics.partitionsOf(new Set([topic])).map(place => place.partition)
    const partitions = partition === undefined && all.length > 0 ? all : [partition ?? 0]
    return partitions.flatMap(p => readAll(this.log(topic, p), p))
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
   * Removes what compaction removes: of the records before the last stable offset, all but the last
   * of each key, and its tombstones too when told so. It never happens by itself.
   */
  compact(
    topic: string,
    partition: number,
    options: { readonly dropTombstones?: boolean } = {},
  ): void {
    this.#topics.compact(topic, partition, options.dropTombstones ?? false)
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

  /**
   * The next record that a producer writes to the topic is lost: its `flush`, or the `commit` of
   * its transaction, rejects.
   */
  failNextDelivery(topic: string): void {
    this.#topics.failNext(topic)
  }

  /**
   * The next commit of a transaction gets no answer; it was done or was not, as told. The producer
   * asks again until it knows.
   */
  loseNextCommitAnswer(isDone: boolean): void {
    const lose = (): void => {
      throw new MillraceError('BROKER_UNREACHABLE', 'the answer was lost: the test asked for it.', {
        retriable: true,
      })
    }
    if (isDone) this.faults.after('end-commit', lose)
    else this.faults.before('end-commit', lose)
  }

  /** Transactional ids with an open transaction. */
  openTransactions(): string[] {
    return this.transactions.openIds
  }

  /** Names of the topics there are. */
  topics(): string[] {
    return this.#topics.names
  }

  /** Names of the clients that have connected, in that order. */
  clients(): string[] {
    return [...this.#lines.keys()]
  }

  /**
   * Stops a client as SIGSTOP does: its calls, their answers and what its groups tell it wait until
   * the function given is called; never calling it is `kill -9`. The broker does not notice it by
   * itself: `expelClient` is what the end of its session does.
   */
  hang(clientId: string): () => void {
    const line = this.#line(clientId)
    line.hang()
    return () => {
      line.goOn()
      for (const group of this.#groups.values()) group.wake()
    }
  }

  /** True between `hang` and the call of the function it gave. */
  isHanging(clientId: string): boolean {
    return this.#line(clientId).isHanging
  }

  /** True while a client hangs, or waits for connections to heal. */
  isHeldUp(clientId: string): boolean {
    return this.#line(clientId).isHeldUp
  }

  /** Settles when a client does not hang, or goes on. */
  awake(clientId: string): Promise<void> {
    return this.#line(clientId).awake()
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

  /** Takes a client out of all its groups; it comes back when it does not hang. */
  expelClient(clientId: string, options: { readonly comesBack?: boolean } = {}): void {
    this.#line(clientId)
    for (const group of this.#groups.values()) {
      const members = group.members.filter(({ line }) => line.clientId === clientId)
      for (const member of members) group.expel(member, options.comesBack ?? true)
    }
  }

  /** The offset a group has committed, or null. */
  committed(groupId: string, partition: TopicPartition): OffsetCommit | null {
    return this.group(groupId).offsets.get(partition.topic, partition.partition) ?? null
  }

  /** Moves a group's offset from outside, as an operator's tool does. */
  setCommitted(groupId: string, commit: OffsetCommit): void {
    this.group(groupId).offsets.set(commit)
    this.changes.notify()
  }

  /** Forgets a group's offset, as Kafka does after `offsets.retention.minutes`. */
  expireCommitted(groupId: string, partition: TopicPartition): void {
    this.group(groupId).offsets.forget(partition)
    this.changes.notify()
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

  /**
   * The line of a client. A name known already is a process started anew: it takes the place of the
   * one before in its groups, as static membership does.
   */
  connect(applicationId: string, clientId?: string): ClientLine {
    let name = clientId
    for (let n = 1; name === undefined; n++) {
      if (!this.#lines.has(`${applicationId}-${n}`)) name = `${applicationId}-${n}`
    }
    if (this.#lines.has(name)) this.expelClient(name, { comesBack: false })
    const line = new ClientLine(name, this.faults)
    this.#lines.delete(name)
    this.#lines.set(name, line)
    return line
  }

  /** Null = no such topic. */
  partitionCount(topic: string): number | null {
    return this.#topics.partitionCount(topic)
  }

  /** Of a topic that exists. */
  topicId(topic: string): string {
    return `${this.clusterId}/${topic}/${this.#topics.idOf(topic)}`
  }

  /** @throws TOPIC_MISSING when there is no such topic or partition. */
  log(topic: string, partition: number): PartitionLog {
    return this.#topics.log(topic, partition)
  }

  /** The log that takes a record of a producer; null = its delivery fails. */
  accept(topic: string, partition: number, raw: RawRecords, index: number): PartitionLog | null {
    return this.#topics.accept(topic, partition, raw, index)
  }

  group(groupId: string): ConsumerGroup {
    const known = this.#groups.get(groupId)
    if (known !== undefined) return known
    const group = new ConsumerGroup(groupId, topics => this.#topics.partitionsOf(topics))
    this.#groups.set(groupId, group)
    return group
  }

  #line(clientId: string): ClientLine {
    const line = this.#lines.get(clientId)
    if (line !== undefined) return line
    throw new MillraceError(
      'INVALID_ARGUMENT',
      `no client ${clientId} has connected; clients are ${this.clients().join(', ')}.`,
    )
  }

  #partitionsChanged(): void {
    for (const group of this.#groups.values()) group.rebalance()
    this.changes.notify()
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
