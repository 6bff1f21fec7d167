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
  Producer,
  TopicDescription,
  TopicSpec,
  TransactionalProducer,
  TransactionOptions,
  Transport,
  TransportAbilities,
  TransportFactory,
} from '../transport.ts'
import type { ClientLine } from './client-line.ts'
import { InMemoryBroker } from './in-memory-broker.ts'
import { InMemoryFetcher } from './in-memory-fetcher.ts'
import { joinGroup } from './in-memory-member.ts'
import { InMemoryProducer } from './in-memory-producer.ts'
import { InMemoryTransactionalProducer } from './in-memory-transactional-producer.ts'

const ABILITIES: TransportAbilities = Object.freeze({
  transactions: true,
  durable: false,
  partitionCountFixed: null,
})

export interface InMemoryOptions {
  /**
   * The name of the process, by which a test stops it or plants faults for it alone. The same name
   * again is the process started anew. Default: the application's id and a number.
   */
  readonly clientId?: string
}

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
export function inMemory(
  broker: InMemoryBroker = new InMemoryBroker(),
  { clientId }: InMemoryOptions = {},
): TransportFactory {
  return {
    create: ({ applicationId }) =>
      new InMemoryTransport(broker, broker.connect(applicationId, clientId)),
  }
}

class InMemoryTransport implements Transport {
  readonly name = 'in-memory'
  readonly abilities = ABILITIES
  readonly admin: Admin
  readonly #broker: InMemoryBroker
  readonly #line: ClientLine
  readonly #closers: (() => Promise<void>)[] = []

  constructor(broker: InMemoryBroker, line: ClientLine) {
    this.#broker = broker
    this.#line = line
    this.admin = adminOf(broker, line)
  }

  open(): Promise<void> {
    return this.#line.call('open', () => this.#broker.reach())
  }

  async joinGroup(options: GroupOptions): Promise<GroupMember> {
    const member = await joinGroup(this.#broker, this.#line, options)
    this.#closers.push(() => member.leave())
    return member
  }

  async createFetcher(options: FetcherOptions): Promise<Fetcher> {
    const fetcher = new InMemoryFetcher(this.#broker, this.#line, options)
    this.#closers.push(() => fetcher.close())
    return fetcher
  }

  async createProducer(): Promise<Producer> {
    const producer = new InMemoryProducer(this.#broker, this.#line)
    this.#closers.push(() => producer.close())
    return producer
  }

  async createTransactionalProducer(options: TransactionOptions): Promise<TransactionalProducer> {
    const broker = this.#broker
    const identity = await this.#line.call('init-transactions', () => {
      broker.reach()
      return broker.transactions.register(options)
    })
    const producer = new InMemoryTransactionalProducer(broker, this.#line, identity)
    this.#closers.push(() => producer.close())
    return producer
  }

  async close(): Promise<void> {
    for (const close of this.#closers.splice(0)) await close()
  }
}

function adminOf(broker: InMemoryBroker, line: ClientLine): Admin {
  return {
    describeTopics: names =>
      line.call('describe-topics', () => {
        broker.reach()
        return new Map(names.map(name => [name, describe(broker, name)]))
      }),
    createTopic: ({ name, partitionCount, config }: TopicSpec) =>
      line.call('create-topic', () => {
        broker.reach()
        broker.createTopic(name, partitionCount, config)
      }),
    addPartitions: (topic, partitionCount) =>
      line.call('create-topic', () => {
        broker.reach()
        const added = partitionCount - (broker.partitionCount(topic) ?? 0)
        if (added > 0) broker.addPartitions(topic, added)
      }),
    offsets: ({ topic, partition }: TopicPartition) =>
      line.call('offsets', () => {
        broker.reach()
        const log = broker.log(topic, partition)
        return { earliest: log.earliest, latest: log.end }
      }),
  }
}

function describe(broker: InMemoryBroker, name: string): TopicDescription | null {
  const partitionCount = broker.partitionCount(name)
  return partitionCount === null
    ? null
    : { name, partitionCount, replicationFactor: 1, id: broker.topicId(name) }
}
