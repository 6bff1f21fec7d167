/**
 * What a direct fetcher asks of the brokers. `WireFetchSource` is the real one; tests have their
 * own.
 */
import type { TopicPartition } from '@millrace/core'
import type { FetchedRecords } from '../records/record-batch-reader.ts'

export interface Leader {
  readonly brokerId: number
  /** Guards against what a leader of before says. */
  readonly epoch: number
}

/** A topic as the brokers described it last. */
export interface KnownTopic {
  /** Tells one topic from another that had the same name; '' = the brokers have no ids. */
  readonly id: string
  /** By partition; null = it has none at the moment. */
  readonly leaders: readonly (Leader | null)[]
}

export interface AskedPartition extends TopicPartition {
  readonly offset: number
  readonly leaderEpoch: number
  readonly bytesMax: number
}

export interface FetchAsk {
  /** How long the broker may wait for records to come. */
  readonly waitMs: number
  /** Of the whole answer; its first batch is given whatever its size. */
  readonly bytesMax: number
  readonly partitions: readonly AskedPartition[]
}

/** What a broker gave for one partition. */
export interface FetchedPartition extends TopicPartition {
  /** 0 = none; else one of the protocol's. */
  readonly errorCode: number
  readonly highWatermark: number
  readonly lastStableOffset: number
  /** Where it is better read; -1 = here. */
  readonly preferredReplica: number
  readonly records: FetchedRecords
}

export interface FetchAnswer {
  /** The broker wants to be left alone this long. */
  readonly throttleMs: number
  readonly partitions: readonly FetchedPartition[]
}

export interface FetchSource {
  /** Undefined: it was not asked for yet. Null: there is no such topic. */
  topic(name: string): KnownTopic | null | undefined
  /** Asks the brokers about topics. @throws BROKER_UNREACHABLE, BROKER_REFUSED */
  refresh(names: readonly string[]): Promise<void>
  /** @throws BROKER_UNREACHABLE, BROKER_REFUSED */
  fetch(brokerId: number, ask: FetchAsk): Promise<FetchAnswer>
  /** First offset there is, and high watermark. */
  offsets(partition: TopicPartition): Promise<{ earliest: number; latest: number }>
  close(): void
}
