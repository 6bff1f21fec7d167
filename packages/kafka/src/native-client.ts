/**
 * The part of `@confluentinc/kafka-javascript` (its raw librdkafka API) that Millrace uses, as
 * types.
 *
 * Its own declarations are not imported, so that the package can be type-checked and its mistakes
 * can be named where its native part is missing, and so that a test can put something else here.
 */
import type { TopicPartition } from '@millrace/core'

/** What librdkafka says went wrong: negative codes are its own, positive ones the broker's. */
export interface NativeError extends Error {
  readonly code: number
}

export type NativeDone = (error: NativeError | null | undefined) => void

export type NativeCallback<T> = (error: NativeError | null | undefined, result: T) => void

export interface NativeOffset extends TopicPartition {
  readonly offset?: number | undefined
  readonly metadata?: string | undefined
}

export interface NativeRecord extends TopicPartition {
  readonly offset: number
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly timestamp: number
  readonly headers?: readonly NativeHeader[] | undefined
}

/** One property: name and value. */
export type NativeHeader = Readonly<Record<string, Buffer>>

export interface NativeLogLine {
  /** As in syslog: 3 error, 4 warning, 6 information. */
  readonly severity: number
  readonly fac: string
  readonly message: string
}

export interface NativeMetadata {
  readonly brokers: readonly { readonly host: string; readonly port: number }[]
  readonly topics: readonly {
    readonly name: string
    readonly partitions: readonly { readonly id: number; readonly replicas: readonly number[] }[]
  }[]
}

export interface DeliveryReport extends TopicPartition {
  readonly size: number
}

export type NativeConf = Readonly<Record<string, unknown>>

export interface NativeClient {
  connect(
    options: { readonly timeout: number; readonly allTopics: boolean },
    done: NativeCallback<NativeMetadata>,
  ): unknown
  disconnect(done: () => void): unknown
  isConnected(): boolean
  getMetadata(
    options: { readonly topic?: string; readonly allTopics: boolean; readonly timeout: number },
    done: NativeCallback<NativeMetadata>,
  ): unknown
  on(event: 'event.log', listener: (line: NativeLogLine) => void): unknown
  on(event: 'event.error', listener: (error: NativeError) => void): unknown
  on(event: 'partition.eof', listener: (end: Required<NativeOffset>) => void): unknown
  on(
    event: 'delivery-report',
    listener: (error: NativeError | null, report: DeliveryReport) => void,
  ): unknown
}

export interface NativeConsumer extends NativeClient {
  setDefaultConsumeTimeout(timeoutMs: number): void
  consume(count: number, done: NativeCallback<readonly NativeRecord[]>): void
  subscribe(topics: readonly string[]): unknown
  unsubscribe(): unknown
  incrementalAssign(partitions: readonly NativeOffset[]): unknown
  incrementalUnassign(partitions: readonly NativeOffset[]): unknown
  assignmentLost(): boolean
  pause(partitions: readonly TopicPartition[]): unknown
  commit(offsets: readonly NativeOffset[]): unknown
  committed(
    partitions: readonly TopicPartition[],
    timeoutMs: number,
    done: NativeCallback<readonly NativeOffset[]>,
  ): unknown
}

export interface NativeProducer extends NativeClient {
  disconnect(done: () => void): unknown
  /** @param flushMs how long it goes on sending before; 5 s when left out. */
  disconnect(flushMs: number, done: () => void): unknown
  produce(
    topic: string,
    partition: number | null,
    value: Buffer | null,
    key: Buffer | null,
    timestamp: number,
    opaque: undefined,
    headers: readonly NativeHeader[] | undefined,
  ): unknown
  poll(): unknown
  setPollInterval(intervalMs: number): unknown
  flush(timeoutMs: number, done: NativeCallback<void>): unknown
  initTransactions(timeoutMs: number, done: NativeDone): unknown
  beginTransaction(done: NativeDone): unknown
  commitTransaction(timeoutMs: number, done: NativeDone): unknown
  abortTransaction(timeoutMs: number, done: NativeDone): unknown
  sendOffsetsToTransaction(
    offsets: readonly NativeOffset[],
    consumer: NativeConsumer,
    timeoutMs: number,
    done: NativeDone,
  ): unknown
}

export interface NativeTopic {
  readonly name: string
  readonly topicId?: { readonly base64: string }
  readonly error?: NativeError | undefined
  readonly partitions: readonly {
    readonly partition: number
    readonly leader?: unknown
    readonly replicas: readonly unknown[]
  }[]
}

export interface ListedOffset extends TopicPartition {
  readonly offset: number
  readonly error?: NativeError | undefined
}

export interface NativeAdmin {
  describeTopics(
    names: readonly string[],
    options: { readonly timeout: number },
    done: NativeCallback<readonly NativeTopic[]>,
  ): void
  createTopic(
    topic: {
      readonly topic: string
      readonly num_partitions: number
      readonly replication_factor: number
      readonly config: Readonly<Record<string, string>>
    },
    timeoutMs: number,
    done: NativeCallback<void>,
  ): void
  createPartitions(
    topic: string,
    partitionCount: number,
    timeoutMs: number,
    done: NativeCallback<void>,
  ): void
  listOffsets(
    partitions: readonly (TopicPartition & { readonly offset: { readonly timestamp: number } })[],
    options: { readonly timeout: number; readonly isolationLevel: 0 | 1 },
    done: NativeCallback<readonly ListedOffset[]>,
  ): void
}

export interface NativeModule {
  readonly KafkaConsumer: new (conf: NativeConf, topicConf: NativeConf) => NativeConsumer
  readonly Producer: new (conf: NativeConf, topicConf: NativeConf) => NativeProducer
  readonly AdminClient: { createFrom(client: NativeClient): NativeAdmin }
}

/** A call with a callback as a promise. */
export function answerOf<T>(call: (done: NativeCallback<T>) => unknown): Promise<T> {
  return new Promise((resolve, reject) => {
    call((error, result) => (error ? reject(error) : resolve(result)))
  })
}
