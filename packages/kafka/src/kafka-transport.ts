/**
 * The transport over librdkafka: one connection for questions, and a native client for each member,
 * fetcher and producer made from it.
 *
 * Membership and reading are two consumers on purpose: the member owns partitions and never reads,
 * the fetcher reads what it is told and is in no group.
 */
import type {
  Admin,
  Fetcher,
  FetcherOptions,
  GroupMember,
  GroupOptions,
  Producer,
  TransactionalProducer,
  TransactionOptions,
  Transport,
  TransportAbilities,
  TransportLog,
} from '@millrace/core'
import { MillraceError } from '@millrace/core'
import { AdminCalls } from './admin-calls.ts'
import { brokerError, type Explain, isUnreachable } from './broker-errors.ts'
import { ClientMaker, type GroupCallbacks } from './client-maker.ts'
import { closeClient } from './connect-client.ts'
import { ConnectionLog } from './connection-log.ts'
import { DirectOffsets } from './direct/direct-offsets.ts'
import { DirectClients } from './direct-clients.ts'
import { KafkaGroupMember } from './group-member.ts'
import { KafkaAdmin } from './kafka-admin.ts'
import { KafkaFetcher } from './kafka-fetcher.ts'
import { KafkaProducer } from './kafka-producer.ts'
import { KafkaTransaction } from './kafka-transaction.ts'
import type { NativeModule, NativeProducer } from './native-client.ts'
import { PartitionLook } from './partition-look.ts'
import type { Overtaken } from './reading-failures.ts'
import type { CheckedSettings } from './settings.ts'
import { BrokerCatalog, type TopicCatalog } from './topic-catalog.ts'

/** What the embedded broker has otherwise. */
export interface TransportTraits {
  readonly name: string
  readonly abilities: TransportAbilities
  /** Default: asks the broker. */
  readonly catalog?: (client: NativeProducer, explain: Explain) => TopicCatalog
  /** What to say when retention has overtaken the reader. */
  readonly overtaken?: Overtaken
  /** Put around each producer. */
  readonly guard?: (producer: Producer) => Producer
}

export interface TransportContext {
  readonly applicationId: string
  readonly log: TransportLog
}

/** How long questions wait for an answer; for the text of errors. */
const ASK_MS = 5_000
/** Where the client is asked when nobody answers. */
const QUICK = { connectTimeoutMs: 2_000, requestTimeoutMs: 2_000 }

export class KafkaTransport implements Transport {
  readonly name: string
  readonly abilities: TransportAbilities
  readonly #traits: TransportTraits
  readonly #context: TransportContext
  readonly #load: () => NativeModule
  readonly #settings: CheckedSettings
  readonly #connections: ConnectionLog
  readonly #direct: DirectClients
  readonly #closers: (() => Promise<void>)[] = []
  #opened: { readonly admin: KafkaAdmin; readonly maker: ClientMaker } | null = null
  #closing: Promise<void> | null = null

  constructor(
    settings: CheckedSettings,
    traits: TransportTraits,
    context: TransportContext,
    load: () => NativeModule,
  ) {
    this.name = traits.name
    this.abilities = traits.abilities
    this.#settings = settings
    this.#traits = traits
    this.#context = context
    this.#load = load
    const redact = (text: string): string => settings.redact(text)
    this.#connections = new ConnectionLog(settings.bootstrap, redact, context.log)
    this.#direct = new DirectClients(settings, context.log)
  }

  get admin(): Admin {
    return this.#parts.admin
  }

  async open(): Promise<void> {
    if (this.#opened !== null) return
    const module = this.#load()
    const maker = new ClientMaker(module, this.#settings, this.#connections)
    const { client } = await maker.admin()
    const native = new AdminCalls(module.AdminClient.createFrom(client))
    this.#closers.push(() => native.close().then(() => closeClient(client)))
    const { catalog } = this.#traits
    const topics = catalog?.(client, this.#explain) ?? new BrokerCatalog(native, this.#explain)
    const source = await this.#direct.source(QUICK)
    const offsets = source === null ? null : new DirectOffsets(source)
    this.#closers.push(async () => offsets?.close())
    this.#opened = { admin: new KafkaAdmin(native, topics, this.#explain, offsets), maker }
  }

  async joinGroup(options: GroupOptions): Promise<GroupMember> {
    let member: KafkaGroupMember | null = null
    const callbacks: GroupCallbacks = {
      rebalance_cb: (error, partitions) => member?.rebalanced(error, partitions),
      offset_commit_cb: error => member?.committedByBroker(error),
      queue_non_empty_cb: () => member?.wake(),
    }
    const { maker } = this.#parts
    const native = await maker.group(options.groupId, callbacks, options.instanceId)
    const joined = new KafkaGroupMember(native, options, this.#explain, maker.revokeMs)
    member = joined
    this.#closers.push(() => joined.leave())
    return joined
  }

  async createFetcher(options: FetcherOptions): Promise<Fetcher> {
    const direct = await this.#direct.fetcher(options, this.#traits.overtaken)
    if (direct === null) return this.#nativeFetcher(options)
    this.#closers.push(() => direct.close())
    return direct
  }

  async #nativeFetcher(options: FetcherOptions): Promise<Fetcher> {
    const { maker, admin } = this.#parts
    let fetcher: KafkaFetcher | null = null
    const { applicationId } = this.#context
    const native = await maker.reads(applicationId, options.bufferBytesMax, () => fetcher?.wake())
    const look = new PartitionLook(admin, this.#traits.overtaken)
    const created = new KafkaFetcher(native, look, options)
    fetcher = created
    this.#closers.push(() => created.close())
    return created
  }

  async createProducer(): Promise<Producer> {
    const { maker } = this.#parts
    const producer = (await this.#direct.producer(maker.deliveryMs)) ?? (await this.#nativeWrites())
    this.#closers.push(() => producer.close())
    return this.#traits.guard?.(producer) ?? producer
  }

  async #nativeWrites(): Promise<Producer> {
    const { maker } = this.#parts
    const redact = (text: string): string => this.#settings.redact(text)
    return new KafkaProducer(await maker.writes(), maker.flushMs, redact)
  }

  async createTransactionalProducer(options: TransactionOptions): Promise<TransactionalProducer> {
    const { maker } = this.#parts
    const direct = await this.#direct.transaction(options, maker.transactionFlushMs(options))
    if (direct === null) return this.#nativeTransaction(options)
    this.#closers.push(() => direct.close())
    return direct
  }

  async #nativeTransaction(options: TransactionOptions): Promise<TransactionalProducer> {
    const { maker } = this.#parts
    const native = await maker.transactions(options)
    const redact = (text: string): string => this.#settings.redact(text)
    const producer = new KafkaProducer(native, maker.transactionFlushMs(options), redact)
    this.#closers.push(() => producer.close())
    return KafkaTransaction.create(native, producer, options.transactionalId, this.#explain)
  }

  close(): Promise<void> {
    this.#closing ??= this.#closeAll()
    return this.#closing
  }

  async #closeAll(): Promise<void> {
    // Last made first; the connection for questions was first.
    for (const close of this.#closers.reverse()) await close()
  }

  get #parts(): { readonly admin: KafkaAdmin; readonly maker: ClientMaker } {
    if (this.#opened === null || this.#closing !== null) {
      throw new MillraceError('INTERNAL', `${this.name} is used before open() or after close()`)
    }
    return this.#opened
  }

  readonly #explain: Explain = (what, error, place, right) =>
    isUnreachable(error) && !MillraceError.is(error)
      ? this.#connections.error(ASK_MS, error)
      : brokerError(what, error, place, right)
}
