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
  /** For questions; any broker. */
  #asking: Connection | null = null
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

  /** @throws BROKER_UNREACHABLE, BROKER_REFUSED */
  async refresh(topics: readonly string[]): Promise<void> {
    const connection = await this.#anyConnection()
    this.#learn(await connection.send(METADATA, topics))
  }

  /** The connection to a broker; opened when there is none. */
  async connectionTo(brokerId: number): Promise<Connection> {
    const known = await this.#connections.get(brokerId)?.catch(() => null)
    if (known?.isOpen === true) return known
    const endpoint = this.#brokers.get(brokerId)
    if (endpoint === undefined) throw unreachable(`broker ${brokerId} is not known`)
    const opening = this.#open(endpoint)
    this.#connections.set(brokerId, opening)
    return opening
  }

  close(): void {
    this.#isClosed = true
    this.#asking?.close()
    for (const opening of this.#connections.values()) {
      opening.then(
        connection => connection.close(),
        () => {},
      )
    }
  }

  async #anyConnection(): Promise<Connection> {
    if (this.#asking?.isOpen === true) return this.#asking
    const failures: unknown[] = []
    for (const endpoint of [...this.#brokers.values(), ...this.#bootstrap]) {
      try {
        this.#asking = await this.#open(endpoint)
        return this.#asking
      } catch (error) {
        failures.push(error)
      }
    }
    // Who refuses will do so again; who does not answer may come back.
    throw failures.find(error => !(error as MillraceError).retriable) ?? failures.at(-1)
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
