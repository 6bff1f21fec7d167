/**
 * What benchmarks work with: a Kafka of their own, topics filled beforehand, a folder for state,
 * programs under measure. All of it ends with `close`.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type Fetcher,
  type Producer,
  type RawBatch,
  RawRecordsBuilder,
  type Transport,
} from '@millrace/core'
import { kafka } from '@millrace/kafka'
import type { Job } from './job.ts'
import { MeasuredProgram } from './measured-program.ts'

interface Server {
  readonly bootstrap: string
  /** Missing: it was there before. */
  readonly pid?: number
  stop(): Promise<void>
}

export interface InputRecord {
  readonly user: string
  readonly amount: number
  readonly note: string
  readonly timestamp: number
}

const SERVICE = new URL('../../scripts/services/kafka.mjs', import.meta.url)
const LOG = { info() {}, warn: (details: object, text: string) => console.error(text, details) }
/** A whole matrix with peers takes less. */
const SERVER_MS_MAX = 3 * 60 * 60_000
/** Records written in one go. */
const CHUNK = 5_000

/** @param bootstrap of a broker that runs already, in the environment; else one is started. */
export async function startLab(bootstrap = process.env['BENCH_BROKER']): Promise<Lab> {
  const server = bootstrap === undefined ? await startServer() : { bootstrap, stop: async () => {} }
  const folder = await mkdtemp(join(tmpdir(), 'millrace-bench-'))
  const settings = { 'bootstrap.servers': server.bootstrap, 'compression.type': 'lz4' } as const
  const transport = kafka(settings).create({ applicationId: 'bench', log: LOG })
  await transport.open()
  return new Lab(server, transport, folder)
}

async function startServer(): Promise<Server> {
  const { startKafka } = (await import(SERVICE.href)) as {
    startKafka(options: object): Promise<Server>
  }
  return startKafka({ say: (line: string) => console.log(line), lifetimeMs: SERVER_MS_MAX })
}

export class Lab {
  readonly #server: Server
  readonly #transport: Transport
  readonly #folder: string
  readonly #programs: MeasuredProgram[] = []
  /** Tells the topics of this run from those of others. */
  readonly #run = Date.now().toString(36)
  #names = 0
  #producer: Producer | null = null

  constructor(server: Server, transport: Transport, folder: string) {
    this.#server = server
    this.#transport = transport
    this.#folder = folder
  }

  get bootstrap(): string {
    return this.#server.bootstrap
  }

  /** Of the broker; undefined where it was not started here. */
  get brokerPid(): number | undefined {
    return this.#server.pid
  }

  newName(what: string): string {
    return `${what}-${this.#run}-${++this.#names}`
  }

  stateFolder(name: string): string {
    return join(this.#folder, name)
  }

  async newTopic(what: string): Promise<string> {
    const name = this.newName(what)
    await this.createTopic(name)
    return name
  }

  async createTopic(name: string, partitionCount = 1): Promise<void> {
    const spec = { name, partitionCount, replicationFactor: 1, config: {} }
    await this.#transport.admin.createTopic(spec)
  }

  /** Of a topic that no transaction has written to; undefined where there is no such topic. */
  async recordCount(topic: string): Promise<number | undefined> {
    const found = await this.#transport.admin.describeTopics([topic])
    if (!found.get(topic)) return undefined
    return (await this.#transport.admin.offsets({ topic, partition: 0 })).latest
  }

  /** Writes records in their order; resolves when all are acknowledged. */
  async write(topic: string, records: Iterable<InputRecord>): Promise<void> {
    this.#producer ??= await this.#transport.createProducer()
    const producer = this.#producer
    const builder = new RawRecordsBuilder()
    const send = async (): Promise<void> => {
      const partitions = new Int32Array(builder.count)
      await producer.write({ ...builder.build(), topic, partitions })
    }
    for (const record of records) {
      builder.append(Buffer.from(record.user), jsonValue(record), record.timestamp)
      if (builder.count === CHUNK) await send()
    }
    await send()
    await producer.flush()
  }

  /** What is in a topic from its present end on, batch by batch. */
  async follow(topic: string): Promise<Follower> {
    const { latest } = await this.#transport.admin.offsets({ topic, partition: 0 })
    return this.#read(topic, latest)
  }

  /** All of a topic. */
  async readAll(topic: string, take: (raw: RawBatch) => void): Promise<void> {
    const { latest } = await this.#transport.admin.offsets({ topic, partition: 0 })
    const follower = await this.#read(topic, 0)
    await follower.take(latest, take)
    await follower.close()
  }

  run(job: Omit<Job, 'bootstrap'>): MeasuredProgram {
    const program = new MeasuredProgram({ bootstrap: this.#server.bootstrap, ...job })
    this.#programs.push(program)
    return program
  }

  async close(): Promise<void> {
    for (const program of this.#programs) await program.kill()
    await this.#transport.close()
    await this.#server.stop()
    await rm(this.#folder, { recursive: true, force: true })
  }

  async #read(topic: string, offset: number): Promise<Follower> {
    const limits = { bufferBytesMax: 32 * 1024 * 1024, batchRecordsMax: 10_000 }
    const fetcher = await this.#transport.createFetcher(limits)
    fetcher.add({ topic, partition: 0 }, offset)
    return new Follower(fetcher, topic)
  }
}

function jsonValue({ user, amount, note }: InputRecord): Buffer {
  return Buffer.from(`{"user":"${user}","amount":${amount},"note":"${note}"}`)
}

export class Follower {
  readonly #fetcher: Fetcher
  readonly #topic: string

  constructor(fetcher: Fetcher, topic: string) {
    this.#fetcher = fetcher
    this.#topic = topic
  }

  async next(): Promise<RawBatch> {
    for (;;) {
      const raw = await this.#fetcher.poll(1_000)
      if (raw !== null) return raw
    }
  }

  /** Takes what is before offset `end`. */
  async take(end: number, take: (raw: RawBatch) => void): Promise<void> {
    const at = { topic: this.#topic, partition: 0 }
    while ((this.#fetcher.progress(at)?.position ?? 0) < end) {
      const raw = await this.#fetcher.poll(1_000)
      if (raw !== null) take(raw)
    }
  }

  close(): Promise<void> {
    return this.#fetcher.close()
  }
}
