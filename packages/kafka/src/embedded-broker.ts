/**
 * A Kafka broker in this process: librdkafka's mock cluster. The protocol is the real one, so other
 * programs on this machine can connect to it too; the data is gone with it.
 *
 * It runs while an application uses it, or from `start()` to `close()`. It chooses its port itself.
 * A running one keeps the process alive.
 */
import type {
  Admin,
  Fetcher,
  FetcherOptions,
  GroupMember,
  GroupOptions,
  MillraceError,
  Producer,
  TopicPartition,
  Transport,
  TransportAbilities,
  TransportFactory,
} from '@millrace/core'
import { closeClient } from './connect-client.ts'
import { EmbeddedCatalog } from './embedded-catalog.ts'
import { EmbeddedLedger, embeddedFull } from './embedded-ledger.ts'
import { EMBEDDED_PARTITIONS, EmbeddedProducer } from './embedded-producer.ts'
import { KafkaTransport, type TransportContext } from './kafka-transport.ts'
import { loadClient } from './load-client.ts'
import { answerOf, type NativeMetadata, type NativeProducer } from './native-client.ts'
import { CheckedSettings } from './settings.ts'

const ABILITIES: TransportAbilities = Object.freeze({
  transactions: false,
  durable: false,
  partitionCountFixed: EMBEDDED_PARTITIONS,
})

const START_MS = 5_000

/** Applications given the same object share its topics. */
export interface EmbeddedBroker extends TransportFactory {
  /** Starts it, unless it runs, and keeps it until `close()`. Gives `host:port` for clients. */
  start(): Promise<string>
  /** Lets it end; it does when no application uses it any more, and its data is gone. */
  close(): Promise<void>
}

/**
 * A broker for first runs, examples and tests: nothing to install, nothing kept. Every topic has
 * four partitions of at most 5 MB or 100,000 records, and writing more fails with
 * EMBEDDED_BROKER_FULL. Without `start()` it ends with the last application that uses it.
 *
 * @example
 * const app = new Application({ id: 'shop-totals', broker: embeddedBroker() })
 */
export function embeddedBroker(): EmbeddedBroker {
  const cluster = new MockCluster()
  let isKept = false
  return {
    create: context => new EmbeddedTransport(cluster, context),
    async start() {
      if (!isKept) {
        isKept = true
        await cluster.acquire()
      }
      return cluster.bootstrap()
    },
    async close() {
      if (!isKept) return
      isKept = false
      await cluster.release()
    },
  }
}

class MockCluster {
  readonly ledger: EmbeddedLedger = new EmbeddedLedger()
  #users = 0
  #running: Promise<{ readonly owner: NativeProducer; readonly bootstrap: string }> | null = null

  async acquire(): Promise<void> {
    this.#users++
    this.#running ??= this.#run()
    await this.#running
  }

  async release(): Promise<void> {
    this.#users--
    if (this.#users > 0 || this.#running === null) return
    const running = this.#running
    this.#running = null
    this.ledger.clear()
    await closeClient((await running).owner)
  }

  async bootstrap(): Promise<string> {
    this.#running ??= this.#run()
    return (await this.#running).bootstrap
  }

  async #run(): Promise<{ owner: NativeProducer; bootstrap: string }> {
    const { Producer } = loadClient()
    const conf = { 'test.mock.num.brokers': 1, 'bootstrap.servers': 'embedded:1', log_level: 0 }
    const owner = new Producer(conf, {})
    owner.on('event.error', () => {})
    const { brokers } = await answerOf<NativeMetadata>(done =>
      owner.connect({ timeout: START_MS, allTopics: false }, done),
    )
    return { owner, bootstrap: brokers.map(({ host, port }) => `${host}:${port}`).join(',') }
  }
}

/** The reader was not fast enough, or another program wrote too much. */
function dropped(
  { topic, partition }: TopicPartition,
  position: number,
  earliest: number,
): MillraceError {
  const what = `Records from offset ${position} on were dropped; the first one left is ${earliest}.`
  return embeddedFull(topic, partition, what)
}

/** The usual transport, over a cluster that is there while it is open. */
class EmbeddedTransport implements Transport {
  readonly name = 'embedded broker'
  readonly abilities = ABILITIES
  readonly #cluster: MockCluster
  readonly #context: TransportContext
  #inner: KafkaTransport | null = null
  #closing: Promise<void> | null = null

  constructor(cluster: MockCluster, context: TransportContext) {
    this.#cluster = cluster
    this.#context = context
  }

  get admin(): Admin {
    return this.#opened.admin
  }

  async open(): Promise<void> {
    if (this.#inner !== null) return
    await this.#cluster.acquire()
    const bootstrap = await this.#cluster.bootstrap()
    const { ledger } = this.#cluster
    this.#inner = new KafkaTransport(
      new CheckedSettings({ 'bootstrap.servers': bootstrap, 'group.protocol': 'consumer' }),
      {
        name: this.name,
        abilities: ABILITIES,
        catalog: (client, explain) => new EmbeddedCatalog(client, explain),
        overtaken: dropped,
        guard: producer => new EmbeddedProducer(producer, ledger),
      },
      this.#context,
      loadClient,
    )
    await this.#inner.open()
    this.#context.log.info(
      { bootstrap },
      `embedded broker at ${bootstrap}; its data is gone when it ends`,
    )
  }

  joinGroup(options: GroupOptions): Promise<GroupMember> {
    return this.#opened.joinGroup(options)
  }

  createFetcher(options: FetcherOptions): Promise<Fetcher> {
    return this.#opened.createFetcher(options)
  }

  createProducer(): Promise<Producer> {
    return this.#opened.createProducer()
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    const inner = this.#inner
    if (inner === null) return
    await inner.close()
    await this.#cluster.release()
  }

  get #opened(): KafkaTransport {
    if (this.#inner === null) throw new Error('the embedded broker is used before open()')
    return this.#inner
  }
}
