/**
 * What speaks to the brokers over connections of our own: made where the settings and the brokers
 * allow it. Where they do not, the reason is a string, told once in the log, and librdkafka does
 * the work.
 */
import type { Fetcher, FetcherOptions, Producer, TransportLog } from '@millrace/core'
import { DirectFetcher } from './direct/direct-fetcher.ts'
import { DirectProducer } from './direct/direct-producer.ts'
import type { BatchIdentity } from './direct/outgoing-partition.ts'
import { newProducerId } from './direct/producer-id.ts'
import { RecordSender } from './direct/record-sender.ts'
import { WireFetchSource } from './direct/wire-fetch-source.ts'
import { type DirectPlan, directPlan } from './direct-settings.ts'
import { directWriteOptions } from './direct-write-settings.ts'
import type { Overtaken } from './reading-failures.ts'
import type { CheckedSettings } from './settings.ts'
import { Cluster } from './wire/cluster.ts'
import type { ConnectionOptions } from './wire/connection.ts'

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
      const identity = this.#left ?? (await newProducerId(cluster))
      this.#left = null
      const redact = (text: string): string => this.#settings.redact(text)
      const connect = (of: BatchIdentity): RecordSender => {
        const own = new Cluster(plan.bootstrap, plan.security, plan.connection)
        return new RecordSender(own, of, options, redact)
      }
      return new DirectProducer(identity, connect, next => {
        this.#left = next
      })
    } catch (error) {
      return this.#without('writing', this.#reasonOf(error))
    } finally {
      cluster.close()
    }
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
