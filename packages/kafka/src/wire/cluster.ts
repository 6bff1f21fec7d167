/**
 * The brokers of a cluster as one knows them: who leads what, and a connection to each.
 *
 * Nothing is asked for by itself: `refresh` asks any broker that answers, those known before the
 * ones that were named at first.
 */
import { MillraceError } from '@millrace/core'
import {
  Connection,
  type ConnectionOptions,
  type Endpoint,
  type WireSecurity,
} from './connection.ts'
import { METADATA, type Metadata, type TopicMetadata } from './metadata.ts'

/** In place of a broker's id: any of them, for questions. */
const ANY = -1
/** Partitions of a topic that is not there. */
const UNKNOWN_TOPIC = 3

export class Cluster {
  readonly #bootstrap: readonly Endpoint[]
  readonly #security: WireSecurity
  readonly #options: ConnectionOptions
  readonly #brokers = new Map<number, Endpoint>()
  /** Null: there is no such topic. */
  readonly #topics = new Map<string, TopicMetadata | null>()
  readonly #connections = new Map<number, Promise<Connection>>()
  #isClosed = false

  constructor(bootstrap: readonly Endpoint[], security: WireSecurity, options: ConnectionOptions) {
    this.#bootstrap = bootstrap
    this.#security = security
    this.#options = options
  }

  /** Undefined: it was not asked for. */
  topic(name: string): TopicMetadata | null | undefined {
    return this.#topics.get(name)
  }

  /** The broker that leads a partition; -1: none, or not known. */
  leaderOf(topic: string, partition: number): number {
    const known = this.#topics.get(topic)?.partitions
    return known?.find(each => each.partition === partition)?.leader ?? -1
  }

  /** @throws BROKER_UNREACHABLE, BROKER_REFUSED */
  async refresh(topics: readonly string[]): Promise<void> {
    const connection = await this.anyConnection()
    this.#learn(await connection.send(METADATA, topics))
  }

  /** The connection to a broker; opened when there is none, once for all who ask. */
  async connectionTo(brokerId: number): Promise<Connection> {
    return this.#connection(brokerId, () => {
      const endpoint = this.#brokers.get(brokerId)
      if (endpoint === undefined) throw unreachable(`broker ${brokerId} is not known`)
      return this.#open(endpoint)
    })
  }

  close(): void {
    this.#isClosed = true
    for (const opening of this.#connections.values()) {
      opening.then(
        connection => connection.close(),
        () => {},
      )
    }
  }

  /** To whichever broker answers. @throws BROKER_UNREACHABLE, BROKER_REFUSED */
  anyConnection(): Promise<Connection> {
    return this.#connection(ANY, async () => {
      const failures: unknown[] = []
      for (const endpoint of [...this.#brokers.values(), ...this.#bootstrap]) {
        try {
          return await this.#open(endpoint)
        } catch (error) {
          failures.push(error)
        }
      }
      // Who refuses will do so again; who does not answer may come back.
      throw failures.find(error => !(error as MillraceError).retriable) ?? failures.at(-1)
    })
  }

  async #connection(name: number, open: () => Promise<Connection>): Promise<Connection> {
    for (;;) {
      const known = this.#connections.get(name)
      const connection = await known?.catch(() => null)
      if (connection?.isOpen === true) return connection
      // Somebody else may be opening one by now.
      if (this.#connections.get(name) !== known) continue
      const opening = open()
      this.#connections.set(name, opening)
      return opening
    }
  }

  async #open(endpoint: Endpoint): Promise<Connection> {
    if (this.#isClosed) throw unreachable('the connections were closed')
    const connection = await Connection.open(endpoint, this.#security, this.#options)
    if (this.#isClosed) connection.close()
    return connection
  }

  #learn({ brokers, topics }: Metadata): void {
    if (brokers.length > 0) this.#brokers.clear()
    for (const { id, host, port } of brokers) this.#brokers.set(id, { host, port })
    for (const topic of topics) {
      this.#topics.set(topic.name, topic.errorCode === UNKNOWN_TOPIC ? null : topic)
    }
  }
}

function unreachable(reason: string): MillraceError {
  return new MillraceError('BROKER_UNREACHABLE', `${reason}.`, { retriable: true })
}
