/**
 * What speaks to the brokers over connections of our own: made where the settings and the brokers
 * allow it. Where they do not, the reason is a string, told once in the log, and librdkafka does
 * the work.
 */
import type {
  Fetcher,
  FetcherOptions,
  Producer,
  TransactionalProducer,
  TransactionOptions,
  TransportLog,
} from '@millrace/core'
import { Coordinator } from './direct/coordinator.ts'
import { DirectFetcher } from './direct/direct-fetcher.ts'
import { DirectProducer } from './direct/direct-producer.ts'
import { DirectTransaction } from './direct/direct-transaction.ts'
import type { BatchIdentity } from './direct/outgoing-partition.ts'
import { newProducerId } from './direct/producer-id.ts'
import { RecordSender, type SenderOptions } from './direct/record-sender.ts'
import { WireFetchSource } from './direct/wire-fetch-source.ts'
import { type DirectPlan, directPlan } from './direct-settings.ts'
import { directWriteOptions } from './direct-write-settings.ts'
import { KafkaGroupMember } from './group-member.ts'
import type { Overtaken } from './reading-failures.ts'
import type { CheckedSettings } from './settings.ts'
import { Cluster } from './wire/cluster.ts'
import type { ConnectionOptions } from './wire/connection.ts'
import { FEATURES } from './wire/features.ts'
import { PRODUCE } from './wire/produce.ts'

/** How long a coordinator is asked again; an unknown outcome must become known. */
const CALL_MS = 60_000
/** Level of the feature with which each transaction has an epoch of its own (KIP-890). */
const TRANSACTIONS_V2 = 2

interface Connected {
  readonly cluster: Cluster
  readonly plan: DirectPlan
}

export class DirectClients {
  readonly #settings: CheckedSettings
  readonly #log: TransportLog
  /** Of a producer that was closed: the next one goes on under its id, and fences it. */
  #left: BatchIdentity | null = null

  constructor(settings: CheckedSettings, log: TransportLog) {
    this.#settings = settings
    this.#log = log
  }

  /** For questions about offsets; null: nobody can be asked directly. */
  async source(limits: Partial<ConnectionOptions>): Promise<WireFetchSource | null> {
    const connected = await this.#connected(limits)
    if (typeof connected === 'string') return null
    return new WireFetchSource(connected.cluster, connected.plan)
  }

  async fetcher(
    options: FetcherOptions,
    overtaken: Overtaken | undefined,
  ): Promise<Fetcher | null> {
    const connected = await this.#connected()
    if (typeof connected === 'string') return this.#without('reading', connected)
    const { cluster, plan } = connected
    const source = new WireFetchSource(cluster, plan)
    return new DirectFetcher(source, plan.fetch, options, overtaken)
  }

  async producer(deliveryMs: number): Promise<Producer | null> {
    const options = directWriteOptions(this.#settings, deliveryMs)
    if (typeof options === 'string') return this.#without('writing', options)
    const connected = await this.#connected()
    if (typeof connected === 'string') return this.#without('writing', connected)
    const { cluster, plan } = connected
    try {
      // A broker may know ids of producers and still not the batches written here.
      const connection = await cluster.anyConnection()
      connection.versionOf(PRODUCE)
      const identity = this.#left ?? (await newProducerId(cluster))
      this.#left = null
      const connect = (of: BatchIdentity): RecordSender => this.#sender(plan, of, options)
      return new DirectProducer(identity, connect, next => {
        this.#left = next
      })
    } catch (error) {
      return this.#without('writing', this.#reasonOf(error))
    } finally {
      cluster.close()
    }
  }

  async transaction(
    options: TransactionOptions,
    flushMs: number,
  ): Promise<TransactionalProducer | null> {
    const written = directWriteOptions(this.#settings, flushMs)
    if (typeof written === 'string') return this.#without('writing', written)
    if (this.#settings.isNewProtocol) {
      return this.#without('writing', '"group.protocol" is consumer, whose members tell no epoch')
    }
    const connected = await this.#connected()
    if (typeof connected === 'string') return this.#without('writing', connected)
    const { cluster, plan } = connected
    try {
      const features = await (await cluster.anyConnection()).send(FEATURES, null)
      if ((features.get('transaction.version') ?? 0) < TRANSACTIONS_V2) {
        throw new Error('the cluster has no "transaction.version" 2 (Kafka 4.0)')
      }
      const { transactionalId: id, timeoutMs } = options
      const groups = new Map<string, Coordinator>()
      return await DirectTransaction.create({
        transactionalId: id,
        timeoutMs,
        coordinator: new Coordinator(cluster, { of: 'transaction', id }, CALL_MS),
        groupCoordinator: groupId => {
          const known = groups.get(groupId)
          const asked = { of: 'group', id: groupId } as const
          const coordinator = known ?? new Coordinator(cluster, asked, CALL_MS)
          groups.set(groupId, coordinator)
          return coordinator
        },
        membershipOf: KafkaGroupMember.membershipOf,
        connect: identity => this.#sender(plan, identity, written),
        onClosed: () => cluster.close(),
      })
    } catch (error) {
      cluster.close()
      return this.#without('writing', this.#reasonOf(error))
    }
  }

  #sender(plan: DirectPlan, identity: BatchIdentity, options: SenderOptions): RecordSender {
    const cluster = new Cluster(plan.bootstrap, plan.security, plan.connection)
    return new RecordSender(cluster, identity, options, text => this.#settings.redact(text))
  }

  #without(what: 'reading' | 'writing', reason: string): null {
    this.#log.info({ reason }, `${what} goes through librdkafka, more slowly: ${reason}`)
    return null
  }

  async #connected(limits: Partial<ConnectionOptions> = {}): Promise<Connected | string> {
    try {
      const plan = await directPlan(this.#settings)
      if (typeof plan === 'string') return plan
      const cluster = new Cluster(plan.bootstrap, plan.security, { ...plan.connection, ...limits })
      await cluster.refresh([]).catch(error => {
        cluster.close()
        throw error
      })
      return { cluster, plan }
    } catch (error) {
      return this.#reasonOf(error)
    }
  }

  #reasonOf(error: unknown): string {
    return this.#settings.redact((error as Error).message)
  }
}
