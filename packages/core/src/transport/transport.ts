/**
 * The contract between Millrace and a broker: group membership, reads, writes, administration.
 *
 * Implementations: `in-memory/` here, `@millrace/kafka`. `testTransport` in `testing/` is the exam
 * of both. Reads and membership are apart on purpose: a group member is told which partitions it
 * owns and never receives a record; a fetcher reads whatever partitions it is given.
 */
import type { TopicPartition } from '../record/topic-partition.ts'
import type { OutgoingRecords, RawBatch } from './raw-records.ts'

export interface TransportAbilities {
  /** False: exactly-once is refused. */
  readonly transactions: boolean
  /** False: data is gone with the process (embedded broker, in-memory). */
  readonly durable: boolean
  /** When set, every topic has this many partitions and creation with another number is refused. */
  readonly partitionCountFixed: number | null
}

export interface Transport {
  /** For logs: `kafka localhost:9092`. Never holds a secret. */
  readonly name: string
  readonly abilities: TransportAbilities
  /** Connects. @throws BROKER_UNREACHABLE within seconds when no broker answers. */
  open(): Promise<void>
  readonly admin: Admin
  joinGroup(options: GroupOptions): Promise<GroupMember>
  createFetcher(options: FetcherOptions): Promise<Fetcher>
  createProducer(): Promise<Producer>
  /**
   * Present when `abilities.transactions`. Creating one fences every other producer of the same id:
   * what those have open is aborted, and their next call fails with FENCED.
   */
  createTransactionalProducer?(options: TransactionOptions): Promise<TransactionalProducer>
  /** Closes what was created from it. Idempotent. */
  close(): Promise<void>
}

/** Makes a transport for one application; what `kafka({...})` returns. */
export interface TransportFactory {
  create(context: { readonly applicationId: string; readonly log: TransportLog }): Transport
}

/** The part of a logger a transport uses. */
export interface TransportLog {
  info(details: object, message: string): void
  warn(details: object, message: string): void
}

// ---- administration

export interface TopicDescription {
  readonly name: string
  readonly partitionCount: number
  readonly replicationFactor: number
  /** Tells one topic from another that had the same name; '' = the broker has no ids. */
  readonly id: string
}

export interface TopicSpec {
  readonly name: string
  readonly partitionCount: number
  /** -1 = the broker's default. */
  readonly replicationFactor: number
  readonly config: Readonly<Record<string, string>>
}

export interface Admin {
  /** One entry per name; null = no such topic. Never creates a topic. */
  describeTopics(names: readonly string[]): Promise<ReadonlyMap<string, TopicDescription | null>>
  /** Creates a topic; one that exists already with the same partition count is left as it is. */
  createTopic(spec: TopicSpec): Promise<void>
  /**
   * Gives a topic more partitions, which are known when it resolves; one that has as many is left
   * as it is. Never asked where `partitionCountFixed` is set.
   */
  addPartitions(topic: string, partitionCount: number): Promise<void>
  /**
   * First offset there is, and high watermark (the offset after the last record, committed or not).
   */
  offsets(
    partition: TopicPartition,
  ): Promise<{ readonly earliest: number; readonly latest: number }>
}

// ---- group membership

export interface GroupOptions {
  readonly groupId: string
  readonly topics: readonly string[]
  /**
   * The same after a restart: the broker gives the partitions of the process before to it at once,
   * and keeps them for it while it is away, for the session timeout. Missing: a member like any
   * other.
   */
  readonly instanceId?: string | undefined
  /** More partitions are ours. */
  onAssigned(partitions: readonly TopicPartition[]): void
  /**
   * Partitions will be taken; the transport gives them up when the promise settles. Commits still
   * count.
   */
  onRevoked(partitions: readonly TopicPartition[]): Promise<void>
  /**
   * Partitions are gone already; a commit would be refused. The transport joins the group again
   * when the promise settles, not before: else a commit of what was done until then would count.
   */
  onLost(partitions: readonly TopicPartition[]): void | Promise<void>
  /** The membership failed for good. */
  onError(error: Error): void
}

export interface OffsetCommit extends TopicPartition {
  /** The offset to read next. */
  readonly offset: number
  /** ASCII, at most 3,000 characters (docs/formats.md); '' = none. */
  readonly metadata: string
}

export interface GroupMember {
  /**
   * Last committed offset and metadata per partition asked for; partitions without one are left
   * out.
   */
  committed(partitions: readonly TopicPartition[]): Promise<readonly OffsetCommit[]>
  /** Resolves when the broker has taken all of them. */
  commit(offsets: readonly OffsetCommit[]): Promise<void>
  /** Leaves the group. Does not call `onRevoked`. Idempotent. */
  leave(): Promise<void>
}

// ---- reading

export interface FetcherOptions {
  /**
   * Bound on bytes fetched and not yet taken by `poll`, over all partitions (floor: one batch a
   * partition).
   */
  readonly bufferBytesMax: number
  /** Most records in one batch that `poll` returns. */
  readonly batchRecordsMax: number
}

/** What the last successful fetch of a partition showed. */
export interface FetchProgress {
  /** Offset of the next record that `poll` will give. */
  readonly position: number
  /** No record at or beyond it can be read yet (open transactions hold it). */
  readonly lastStableOffset: number
  readonly highWatermark: number
}

/**
 * Reads committed records of partitions given to it, fairly between them. `poll` never gives a
 * record of a partition after `remove`, `pause` or `seek`, also not from an answer under way.
 */
export interface Fetcher {
  /** Starts reading at an offset. */
  add(partition: TopicPartition, offset: number): void
  remove(partition: TopicPartition): void
  pause(partition: TopicPartition): void
  resume(partition: TopicPartition): void
  /**
   * The next batch of some partition, or null when `timeoutMs` passed without one.
   * @throws OFFSET_OUT_OF_RANGE, TOPIC_MISSING, BROKER_UNREACHABLE, BROKER_REFUSED
   */
  poll(timeoutMs: number): Promise<RawBatch | null>
  /**
   * What is known of a partition from a successful fetch in the last moments; null when nothing
   * recent is known (nothing fetched yet, paused, throttled, an error since).
   */
  progress(partition: TopicPartition): FetchProgress | null
  close(): Promise<void>
}

// ---- writing

export interface Producer {
  /**
   * Takes records for sending, keeping their order within a partition. Copies nothing that it needs
   * later from the caller's arrays after it returned. Gives a promise when the caller should wait
   * before writing more.
   */
  write(records: OutgoingRecords): Promise<void> | undefined
  /**
   * Resolves when every record written so far was acknowledged.
   * @throws DELIVERY_FAILED when any record since the last flush was not; the epoch must fail, and
   * what comes next may need another producer.
   */
  flush(): Promise<void>
  close(): Promise<void>
}

// ---- transactions

export interface TransactionOptions {
  /** One live producer per id; the same after a restart, so that it takes over at once. */
  readonly transactionalId: string
  /** The broker aborts a transaction that is open longer. */
  readonly timeoutMs: number
}

/** Records and offsets that become visible together, or not at all. One transaction at a time. */
export interface TransactionalProducer {
  /** As `Producer.write`; the first write after a commit or abort begins a transaction. */
  write(records: OutgoingRecords): Promise<void> | undefined
  /**
   * Commits what was written and these offsets of `member`'s group (null: no group, no offsets).
   * Also an empty transaction sends its offsets: they are what fences a member that is out of the
   * group. Resolves when the outcome is known to be "committed"; an unknown outcome is asked for
   * again until it is known.
   * @throws FENCED when another took over the id or the member is out of its group;
   * DELIVERY_FAILED, BROKER_REFUSED or BROKER_UNREACHABLE (retriable) when the transaction can only
   * be aborted.
   */
  commit(offsets: readonly OffsetCommit[], member: GroupMember | null): Promise<void>
  /** Undoes what was written since the last commit. Nothing to undo is no error. */
  abort(): Promise<void>
  /**
   * The offset behind the last record that it has written to a partition, as acknowledged; null =
   * not known. Missing: it never knows.
   */
  endOf?(partition: TopicPartition): number | null
  close(): Promise<void>
}
