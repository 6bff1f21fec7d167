/**
 * Asks real brokers, over connections of its own: what a direct fetcher wants to know, as requests
 * of the protocol. Topics are told by their ids where brokers have them, so that one that was made
 * anew under a name is not taken for the old one.
 */
import { MillraceError, type TopicPartition } from '@millrace/core'
import type { Cluster } from '../wire/cluster.ts'
import { FETCH, FETCH_BY_NAME, type FetchedTopic } from '../wire/fetch.ts'
import { LIST_OFFSETS } from '../wire/list-offsets.ts'
import type { TopicMetadata } from '../wire/metadata.ts'
import type {
  AskedPartition,
  FetchAnswer,
  FetchAsk,
  FetchedPartition,
  FetchSource,
  KnownTopic,
  Leader,
} from './fetch-source.ts'

const EARLIEST = -2
const LATEST = -1

export interface WireFetchOptions {
  readonly bytesMin: number
  readonly rack: string
}

export class WireFetchSource implements FetchSource {
  readonly #cluster: Cluster
  readonly #options: WireFetchOptions
  readonly #known = new WeakMap<TopicMetadata, KnownTopic>()

  constructor(cluster: Cluster, options: WireFetchOptions) {
    this.#cluster = cluster
    this.#options = options
  }

  topic(name: string): KnownTopic | null | undefined {
    const told = this.#cluster.topic(name)
    if (told === undefined || told === null) return told
    const known = this.#known.get(told) ?? knownOf(told)
    this.#known.set(told, known)
    return known
  }

  refresh(names: readonly string[]): Promise<void> {
    return this.#cluster.refresh(names)
  }

  async fetch(brokerId: number, ask: FetchAsk): Promise<FetchAnswer> {
    const connection = await this.#cluster.connectionTo(brokerId)
    const { waitMs, bytesMax, partitions } = ask
    const request = { waitMs, bytesMax, ...this.#options, topics: this.#byTopic(partitions) }
    const api = request.topics.some(({ id }) => id === '') ? FETCH_BY_NAME : FETCH
    const { throttleMs, errorCode, topics } = await connection.send(api, request, waitMs)
    if (errorCode !== 0) {
      const text = `broker ${brokerId} answered a fetch with error ${errorCode}.`
      throw new MillraceError('BROKER_UNREACHABLE', text, { retriable: true })
    }
    const names = new Map(request.topics.flatMap(({ name, id }) => [[id, name] as const]))
    const given = topics.flatMap(topic => partitionsOf(topic, names))
    // One body has the records of all partitions; where some are dropped it is left to V8.
    let left = given.filter(({ records }) => records.end > records.start).length
    const recycled = ({ records }: FetchedPartition) => ({
      ...records,
      done: () => {
        if (--left === 0) connection.recycle(records.data)
      },
    })
    return { throttleMs, partitions: given.map(each => ({ ...each, records: recycled(each) })) }
  }

  async offsets({
    topic,
    partition,
  }: TopicPartition): Promise<{ earliest: number; latest: number }> {
    const leader = this.topic(topic)?.leaders[partition]
    if (leader === undefined || leader === null) throw noLeader(topic, partition)
    const connection = await this.#cluster.connectionTo(leader.brokerId)
    const asked = { topic, partition, leaderEpoch: leader.epoch }
    const [earliest, latest] = await Promise.all(
      [EARLIEST, LATEST].map(at => connection.send(LIST_OFFSETS, { ...asked, at })),
    )
    if (earliest?.errorCode !== 0 || latest?.errorCode !== 0) throw noLeader(topic, partition)
    return { earliest: earliest.offset, latest: latest.offset }
  }

  close(): void {
    this.#cluster.close()
  }

  #byTopic(partitions: readonly AskedPartition[]) {
    const topics = new Map<string, AskedPartition[]>()
    for (const each of partitions) {
      const others = topics.get(each.topic)
      if (others === undefined) topics.set(each.topic, [each])
      else others.push(each)
    }
    return [...topics].map(([name, of]) => ({
      name,
      id: this.#cluster.topic(name)?.id ?? '',
      partitions: of,
    }))
  }
}

function knownOf({ id, partitions }: TopicMetadata): KnownTopic {
  const leaders: (Leader | null)[] = partitions.map(() => null)
  for (const { partition, leader, leaderEpoch } of partitions) {
    leaders[partition] = leader < 0 ? null : { brokerId: leader, epoch: leaderEpoch }
  }
  return { id, leaders }
}

function partitionsOf(
  { topic, partitions }: FetchedTopic,
  names: ReadonlyMap<string, string>,
): FetchedPartition[] {
  return partitions.map(each => ({ ...each, topic: names.get(topic) ?? topic }))
}

function noLeader(topic: string, partition: number): MillraceError {
  const text = `partition ${partition} of topic ${JSON.stringify(topic)} has no leader to ask.`
  return new MillraceError('BROKER_UNREACHABLE', text, { retriable: true })
}
