/**
 * The Kafka client by itself, as a program that knows nothing of Millrace would use it: to write
 * the input and to read what came out. Types are those of the few calls that are made.
 */
import { createRequire } from 'node:module'
import type { ClientSettings } from './crash/story.ts'

export interface ClientRecord {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly timestamp: number
}

type Done<T = void> = (error: Error | null | undefined, result: T) => void

interface Client {
  connect(options: { timeout: number }, done: Done<unknown>): void
  disconnect(done: () => void): void
  on(event: 'event.error', listener: (error: Error) => void): void
}

export interface ClientProducer extends Client {
  produce(
    topic: string,
    partition: number | null,
    value: Buffer,
    key: Buffer,
    timestamp: number,
  ): unknown
  flush(timeoutMs: number, done: Done): void
  setPollInterval(intervalMs: number): void
  on(event: 'event.error', listener: (error: Error) => void): void
  on(event: 'delivery-report', listener: (error: Error | null) => void): void
}

export interface ClientConsumer extends Client {
  assign(partitions: readonly { topic: string; partition: number; offset: number }[]): void
  setDefaultConsumeTimeout(timeoutMs: number): void
  consume(count: number, done: Done<readonly ClientRecord[]>): void
  on(event: 'event.error', listener: (error: Error) => void): void
  on(event: 'partition.eof', listener: (end: TopicOffset) => void): void
}

export interface TopicOffset {
  readonly topic: string
  readonly partition: number
  readonly offset: number
}

export interface ClientAdmin {
  createTopic(topic: object, timeoutMs: number, done: Done): void
  deleteTopic(topic: string, timeoutMs: number, done: Done): void
  deleteGroups(groups: readonly string[], options: { timeout: number }, done: Done<unknown>): void
  listTopics(options: { timeout: number }, done: Done<readonly string[]>): void
  listOffsets(
    partitions: readonly object[],
    options: { timeout: number; isolationLevel: 0 | 1 },
    done: Done<readonly TopicOffset[]>,
  ): void
  disconnect(): void
}

interface ClientModule {
  readonly Producer: new (conf: object, topicConf: object) => ClientProducer
  readonly KafkaConsumer: new (conf: object, topicConf: object) => ClientConsumer
  readonly AdminClient: { create(conf: object): ClientAdmin }
}

const CONNECT_MS = 20_000
const require = createRequire(import.meta.url)
const load = (): ClientModule => require('@confluentinc/kafka-javascript') as ClientModule

/** A call with a callback as a promise. */
export function answer<T>(call: (done: Done<T>) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    call((error, result) => (error ? reject(error) : resolve(result)))
  })
}

export async function connectProducer(settings: ClientSettings): Promise<ClientProducer> {
  const conf = { ...withoutSession(settings), 'enable.idempotence': true, dr_cb: true }
  const producer = new (load().Producer)(conf, { partitioner: 'murmur2_random' })
  await connected(producer)
  return producer
}

/** Reads committed records only, in no group. */
export async function connectConsumer(settings: ClientSettings): Promise<ClientConsumer> {
  const conf = {
    ...withoutSession(settings),
    'group.id': 'millrace-verify',
    'enable.auto.commit': false,
    'isolation.level': 'read_committed',
    'enable.partition.eof': true,
  }
  const consumer = new (load().KafkaConsumer)(conf, { 'auto.offset.reset': 'error' })
  await connected(consumer)
  return consumer
}

export async function disconnected(client: Client): Promise<void> {
  await new Promise<void>(resolve => client.disconnect(resolve))
}

export async function withAdmin<T>(
  settings: ClientSettings,
  use: (admin: ClientAdmin) => Promise<T>,
): Promise<T> {
  const admin = load().AdminClient.create(withoutSession(settings))
  try {
    return await use(admin)
  } finally {
    admin.disconnect()
  }
}

/** Where partitions end, transactions that are open or were undone included. */
export async function highWatermarks(
  admin: ClientAdmin,
  partitions: readonly { readonly topic: string; readonly partition: number }[],
): Promise<readonly TopicOffset[]> {
  const asked = partitions.map(partition => ({ ...partition, offset: { timestamp: -1 } }))
  const options = { timeout: CONNECT_MS, isolationLevel: 0 } as const
  const ends = await answer<readonly (TopicOffset & { readonly error?: Error })[]>(done =>
    admin.listOffsets(asked, options, done),
  )
  const failed = ends.find(({ error }) => error)
  if (failed) throw new Error(`${failed.topic}/${failed.partition}: ${failed.error?.message}`)
  return ends
}

async function connected(client: Client): Promise<void> {
  // Without a listener an error of a connection that comes back would end the process.
  client.on('event.error', () => {})
  await answer<unknown>(done => client.connect({ timeout: CONNECT_MS }, done))
}

/** Settings of groups are for the workers alone. */
function withoutSession(settings: ClientSettings): object {
  const { 'session.timeout.ms': _, 'group.protocol': __, ...rest } = settings
  return { 'reconnect.backoff.max.ms': 500, ...rest }
}
