/**
 * The transport that needs no server: everything happens in an `InMemoryBroker`.
 *
 * For tests, first runs and the simulation. Passes the same exam as Kafka (`testTransport`).
 */

import type { TopicPartition } from '../../record/topic-partition.ts'
import type {
  Admin,
  Fetcher,
  FetcherOptions,
  GroupMember,
  GroupOptions,
  OffsetCommit,
  Producer,
  TopicDescription,
  TopicSpec,
  Transport,
  TransportAbilities,
  TransportFactory,
} from '../transport.ts'
import type { Membership } from './consumer-group.ts'
import { InMemoryBroker } from './in-memory-broker.ts'
import { InMemoryFetcher } from './in-memory-fetcher.ts'
import { InMemoryProducer } from './in-memory-producer.ts'

const ABILITIES: TransportAbilities = Object.freeze({
  transactions: false,
  durable: false,
  partitionCountFixed: null,
})

/**
 * A broker for `new Application({ broker: inMemory() })`. Applications given the same broker share
 * its topics.
 *
 * @example
 * const broker = new InMemoryBroker()
 * broker.createTopic('purchases')
 * broker.append('purchases', 0, [{ key: 'ann', value: '{"amount":5}' }])
 * const app = new Application({ id: 'shop', broker: inMemory(broker) })
 */
export function inMemory(broker: InMemoryBroker = new InMemoryBroker()): TransportFactory {
  return { create: () => new InMemoryTransport(broker) }
}

class InMemoryTransport implements Transport {
  readonly name = 'in-memory'
  readonly abilities = ABILITIES
  readonly admin: Admin
  readonly #broker: InMemoryBroker
  readonly #closers: (() => Promise<void>)[] = []

  constructor(broker: InMemoryBroker) {
    this.#broker = broker
    this.admin = adminOf(broker)
  }

  async open(): Promise<void> {
    this.#broker.reach()
  }

  async joinGroup(options: GroupOptions): Promise<GroupMember> {
    this.#broker.reach()
    const membership = this.#broker.group(options.groupId).join(options)
    const member = memberOf(this.#broker, options.groupId, membership)
    this.#closers.push(() => member.leave())
    return member
  }

  async createFetcher(options: FetcherOptions): Promise<Fetcher> {
    const fetcher = new InMemoryFetcher(this.#broker, options)
    this.#closers.push(() => fetcher.close())
    return fetcher
  }

  async createProducer(): Promise<Producer> {
    const producer = new InMemoryProducer(this.#broker)
    this.#closers.push(() => producer.close())
    return producer
  }

  async close(): Promise<void> {
    for (const close of this.#closers.splice(0)) await close()
  }
}

function adminOf(broker: InMemoryBroker): Admin {
  return {
    async describeTopics(names) {
      broker.reach()
      return new Map(names.map(name => [name, describe(broker, name)]))
    },
    async createTopic({ name, partitionCount }: TopicSpec) {
      broker.reach()
      broker.createTopic(name, partitionCount)
    },
    async offsets({ topic, partition }: TopicPartition) {
      broker.reach()
      const log = broker.log(topic, partition)
      return { earliest: log.earliest, latest: log.end }
    },
  }
}

function describe(broker: InMemoryBroker, name: string): TopicDescription | null {
  const partitionCount = broker.partitionCount(name)
  return partitionCount === null ? null : { name, partitionCount, replicationFactor: 1 }
}

function memberOf(broker: InMemoryBroker, groupId: string, membership: Membership): GroupMember {
  const group = broker.group(groupId)
  return {
    async committed(partitions) {
      broker.reach()
      return partitions.flatMap(({ topic, partition }) => group.committed(topic, partition) ?? [])
    },
    async commit(offsets: readonly OffsetCommit[]) {
      broker.reach()
      group.commit(membership, offsets)
    },
    async leave() {
      group.leave(membership)
    },
  }
}
