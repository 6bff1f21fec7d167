/**
 * The native clients of one transport, each made with the settings for its use.
 *
 * What Millrace depends on is fixed here: read_committed, no commits but ours, idempotence,
 * murmur2, small queues. Settings of topics go in the second argument: the client ignores those in
 * the first as soon as there is a second.
 */
import { MillraceError, type TransactionOptions } from '@millrace/core'
import { connectClient } from './connect-client.ts'
import type { ConnectionLog } from './connection-log.ts'
import { REVOKE_MS } from './group-member.ts'
import type {
  NativeConf,
  NativeConsumer,
  NativeMetadata,
  NativeModule,
  NativeProducer,
} from './native-client.ts'
import type { CheckedSettings, ClientConf } from './settings.ts'

const NO_COMMITS: NativeConf = {
  'enable.auto.commit': false,
  'enable.auto.offset.store': false,
  'isolation.level': 'read_committed',
}

/**
 * How long a record may take to be acknowledged. Plain producers cannot be fenced: what one still
 * holds when its process was frozen must be too old to be sent before others own the partitions. So
 * it is shorter than the session, which a heartbeat may have begun this much before the record.
 */
const DELIVERY_MS_MAX = 60_000
const DELIVERY_MS_MIN = 1_000
/** Of the client, and of the broker for the newer group protocol. */
const SESSION_MS = 45_000
const HEARTBEAT_MS = 1_000
const EXPELLED_MS = 300_000
const FLUSH_MS_MORE = 5_000
/** What waits in a producer: enough for its connections, and part of what a process takes. */
const QUEUE_KBYTES = 16 * 1024

export interface GroupCallbacks {
  readonly rebalance_cb: (error: never, partitions: never) => void
  readonly offset_commit_cb: (error: never) => void
  readonly queue_non_empty_cb: () => void
}

export class ClientMaker {
  readonly #module: NativeModule
  readonly #settings: CheckedSettings
  readonly #connections: ConnectionLog

  constructor(module: NativeModule, settings: CheckedSettings, connections: ConnectionLog) {
    this.#module = module
    this.#settings = settings
    this.#connections = connections
  }

  /** How long a flush may take: longer than a delivery. */
  get flushMs(): number {
    return this.deliveryMs + FLUSH_MS_MORE
  }

  /** The same for a transaction, whose records may take as long as it. */
  transactionFlushMs({ timeoutMs }: TransactionOptions): number {
    return timeoutMs + FLUSH_MS_MORE
  }

  /** How long a record may take to be acknowledged. */
  get deliveryMs(): number {
    const set = this.#settings.get('delivery.timeout.ms')
    if (set !== undefined) return Number(set)
    const sessionMs = Number(this.#settings.get('session.timeout.ms') ?? SESSION_MS)
    const heartbeatMs = Number(this.#settings.get('heartbeat.interval.ms') ?? HEARTBEAT_MS)
    const shorterMs = Math.max(DELIVERY_MS_MIN, sessionMs - heartbeatMs)
    return Math.min(DELIVERY_MS_MAX, shorterMs)
  }

  /** How long a commit may hold the group when partitions are taken. */
  get revokeMs(): number {
    const expelledMs = Number(this.#settings.get('max.poll.interval.ms') ?? EXPELLED_MS)
    return Math.min(REVOKE_MS, Math.floor(expelledMs / 2))
  }

  /** A client for questions: a producer that writes nothing. */
  async admin(): Promise<{ client: NativeProducer; metadata: NativeMetadata }> {
    const conf = this.#settings.conf('admin', { 'log.connection.close': false }, {})
    const client = this.#make(conf, this.#module.Producer)
    const metadata = await connectClient(client, this.#connections)
    return { client, metadata }
  }

  /** @param instanceId used by the classic protocol; the new one frees instances too slowly. */
  async group(
    groupId: string,
    callbacks: GroupCallbacks,
    instanceId?: string | undefined,
  ): Promise<NativeConsumer> {
    const isStatic = instanceId !== undefined && !this.#settings.isNewProtocol
    const instance: NativeConf = isStatic ? { 'group.instance.id': instanceId } : {}
    const protocol: NativeConf = this.#settings.isNewProtocol
      ? {}
      : { 'partition.assignment.strategy': 'cooperative-sticky' }
    const heartbeat: NativeConf = this.#settings.isNewProtocol
      ? {}
      : { 'heartbeat.interval.ms': HEARTBEAT_MS }
    const conf = this.#settings.conf(
      'group',
      // New topics and partitions are noticed by this.
      { ...heartbeat, 'topic.metadata.refresh.interval.ms': 10_000 },
      {
        ...NO_COMMITS,
        ...protocol,
        ...instance,
        ...callbacks,
        'group.id': groupId,
        'queued.min.messages': 1,
        // Its log tells the generation, which nothing else does (group-generation.ts).
        debug: [this.#settings.get('debug'), 'cgrp'].filter(Boolean).join(','),
      },
    )
    return this.#connected(this.#make(conf, this.#module.KafkaConsumer))
  }

  /** A consumer in no group; the group's name is there for the rights on it. */
  async reads(
    groupId: string,
    bufferBytesMax: number,
    onQueued: () => void,
  ): Promise<NativeConsumer> {
    const bufferKbytes = Math.max(1, Math.floor(bufferBytesMax / 2 / 1024))
    const conf = this.#settings.conf(
      'reads',
      {
        'fetch.wait.max.ms': 50,
        'max.partition.fetch.bytes': Math.min(512 * 1024, bufferKbytes * 1024),
      },
      {
        ...NO_COMMITS,
        'group.id': groupId,
        'enable.partition.eof': true,
        'fetch.queue.backoff.ms': 5,
        'queued.max.messages.kbytes': bufferKbytes,
        queue_non_empty_cb: onQueued,
      },
      { 'auto.offset.reset': 'error' },
    )
    return this.#connected(this.#make(conf, this.#module.KafkaConsumer))
  }

  async writes(): Promise<NativeProducer> {
    const conf = this.#settings.conf(
      'writes',
      { 'queue.buffering.max.kbytes': QUEUE_KBYTES, 'topic.metadata.propagation.max.ms': 5_000 },
      {
        'enable.idempotence': true,
        // Else records behind one that was refused are written, and come before it when it is
        // repeated.
        'enable.gapless.guarantee': true,
        dr_cb: true,
        'delivery.report.only.error': true,
      },
      { partitioner: 'murmur2_random', 'delivery.timeout.ms': this.deliveryMs },
    )
    return this.#connected(this.#make(conf, this.#module.Producer))
  }

  async transactions(options: TransactionOptions): Promise<NativeProducer> {
    const { transactionalId, timeoutMs } = options
    const conf = this.#settings.conf(
      'writes',
      {
        'queue.buffering.max.kbytes': QUEUE_KBYTES,
        'topic.metadata.propagation.max.ms': 5_000,
        // The broker is still at the last transaction when the next begins: 45 ms with 100.
        'retry.backoff.ms': 2,
      },
      {
        'enable.idempotence': true,
        dr_cb: true,
        'delivery.report.only.error': true,
        'transactional.id': transactionalId,
        'transaction.timeout.ms': timeoutMs,
      },
      { partitioner: 'murmur2_random', 'delivery.timeout.ms': timeoutMs },
    )
    return this.#connected(this.#make(conf, this.#module.Producer))
  }

  async #connected<T extends NativeConsumer | NativeProducer>(client: T): Promise<T> {
    await connectClient(client, this.#connections)
    return client
  }

  #make<T>({ conf, topicConf }: ClientConf, Client: new (a: NativeConf, b: NativeConf) => T): T {
    try {
      return new Client(conf, topicConf)
    } catch (error) {
      const reason = this.#settings.redact((error as Error).message)
      throw new MillraceError(
        'INVALID_ARGUMENT',
        `the Kafka client refuses the settings: ${reason.replace(/\.?$/, '.')} ` +
          "See the Range column of librdkafka's CONFIGURATION.md.",
      )
    }
  }
}
