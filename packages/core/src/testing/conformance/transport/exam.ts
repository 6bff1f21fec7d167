/**
 * What the questions of the transport's exam have in common: transports opened and closed, names
 * that are new each run, records written and read back as objects, waiting for a condition with a
 * deadline.
 */
import { MillraceError } from '../../../errors.ts'
import type { PlainRecord } from '../../../record/plain-record.ts'
import { plainRecord } from '../../../transport/plain-record.ts'
import type { RawBatch } from '../../../transport/raw-records.ts'
import { RawRecordsBuilder } from '../../../transport/raw-records-builder.ts'
import type {
  Fetcher,
  FetcherOptions,
  Producer,
  Transport,
  TransportFactory,
} from '../../../transport/transport.ts'
import type { Expectation, TestHooks } from '../test-hooks.ts'

export interface ExamOptions {
  /** How long a condition may take to come true. Default 30,000. */
  readonly timeoutMs?: number
  /** How long nothing must come where nothing may come. Default 100. */
  readonly silenceMs?: number
  /** False when the transport cannot carry a header with a null value; then it is not asked. */
  readonly nullHeaderValues?: boolean
  /** False when the transport cannot write a record with timestamp 0; then it is not asked. */
  readonly timestampZero?: boolean
  /** Part of the names of topics and groups. Default: from the time and the process. */
  readonly runId?: string
}

export interface ExamTopic {
  readonly name: string
  readonly partitionCount: number
}

/** A record as it was read. */
export interface ReadRecord extends PlainRecord {
  readonly partition: number
  readonly offset: number
}

type Question = (session: ExamSession) => Promise<void>

/** How often a question looks whether a condition has come true. */
const LOOK_EVERY_MS = 5
const CONDITIONS_PER_QUESTION = 4

export class TransportExam {
  readonly hooks: TestHooks
  readonly timeoutMs: number
  readonly silenceMs: number
  readonly nullHeaderValues: boolean
  readonly timestampZero: boolean
  readonly #factory: () => TransportFactory | Promise<TransportFactory>
  readonly #runId: string
  #named = 0

  constructor(
    hooks: TestHooks,
    factory: () => TransportFactory | Promise<TransportFactory>,
    options: ExamOptions,
  ) {
    this.hooks = hooks
    this.#factory = factory
    this.timeoutMs = options.timeoutMs ?? 30_000
    this.silenceMs = options.silenceMs ?? 100
    this.nullHeaderValues = options.nullHeaderValues ?? true
    this.timestampZero = options.timestampZero ?? true
    this.#runId = options.runId ?? `${Date.now().toString(36)}-${process.pid}`
  }

  /** A test with a session of its own. */
  ask(name: string, question: Question): void {
    const body = async (): Promise<void> => {
      const session = new ExamSession(this, await this.#factory())
      try {
        await question(session)
      } finally {
        await session.close()
      }
    }
    this.hooks.test(name, body, this.timeoutMs * CONDITIONS_PER_QUESTION)
  }

  expect(actual: unknown): Expectation {
    return this.hooks.expect(actual)
  }

  /** A name nobody has used. */
  newName(kind: string): string {
    return `exam-${this.#runId}-${kind}-${++this.#named}`
  }
}

export class ExamSession {
  readonly #exam: TransportExam
  readonly #factory: TransportFactory
  readonly #transports: Transport[] = []

  constructor(exam: TransportExam, factory: TransportFactory) {
    this.#exam = exam
    this.#factory = factory
  }

  /** A transport of its own, as another process has it. */
  async open(): Promise<Transport> {
    const log = { info: () => {}, warn: () => {} }
    const transport = this.#factory.create({ applicationId: this.#exam.newName('app'), log })
    this.#transports.push(transport)
    await transport.open()
    return transport
  }

  async close(): Promise<void> {
    for (const transport of this.#transports.splice(0)) await transport.close()
  }

  /** A new topic with this many partitions, or with as many as every topic there has. */
  async topic(transport: Transport, partitionCountWanted = 1): Promise<ExamTopic> {
    const name = this.#exam.newName('topic')
    const partitionCount = transport.abilities.partitionCountFixed ?? partitionCountWanted
    const config = { 'retention.ms': '-1' }
    await transport.admin.createTopic({ name, partitionCount, replicationFactor: -1, config })
    await this.until(`topic ${name} is described`, async () => {
      const described = await transport.admin.describeTopics([name])
      return described.get(name) !== null
    })
    return { name, partitionCount }
  }

  fetcher(transport: Transport, options: Partial<FetcherOptions> = {}): Promise<Fetcher> {
    return transport.createFetcher({ bufferBytesMax: 1 << 20, batchRecordsMax: 1024, ...options })
  }

  /** Writes records to one partition and waits for them. */
  async write(
    transport: Transport,
    topic: string,
    partition: number,
    records: readonly PlainRecord[],
  ): Promise<void> {
    const producer = await transport.createProducer()
    await writeTo(producer, topic, partition, records)
    await producer.flush()
    await producer.close()
  }

  /** Polls until `count` records have come; more than that is a failure. */
  async read(fetcher: Fetcher, count: number): Promise<ReadRecord[]> {
    const records: ReadRecord[] = []
    await this.until(`${count} records are read`, async () => {
      const batch = await fetcher.poll(this.#exam.silenceMs)
      if (batch !== null) records.push(...readRecords(batch))
      return records.length >= count
    })
    this.#exam.expect(records.length).toBe(count)
    return records
  }

  /** Polls until a batch has come; how many records that is, is up to the transport. */
  async readSome(fetcher: Fetcher): Promise<ReadRecord[]> {
    let records: ReadRecord[] = []
    await this.until('a batch is read', async () => {
      const batch = await fetcher.poll(this.#exam.silenceMs)
      records = batch === null ? [] : readRecords(batch)
      return records.length > 0
    })
    return records
  }

  /** Fails when a record comes within a moment. */
  async expectSilence(fetcher: Fetcher): Promise<void> {
    const batch = await fetcher.poll(this.#exam.silenceMs)
    this.#exam.expect(batch === null ? [] : readRecords(batch)).toEqual([])
  }

  /** Waits until the condition is true; fails after the exam's `timeoutMs`. */
  async until(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
    const deadline = Date.now() + this.#exam.timeoutMs
    while (!(await condition())) {
      if (Date.now() > deadline) {
        throw new Error(`waited ${this.#exam.timeoutMs} ms in vain until ${what}`)
      }
      await new Promise(resolve => setTimeout(resolve, LOOK_EVERY_MS))
    }
  }

  /** Calls once; gives the code of its error, `none` when it does not fail. */
  async failureOf(call: () => Promise<unknown>): Promise<string> {
    try {
      await call()
      return 'none'
    } catch (error) {
      return codeOf(error)
    }
  }

  /** Calls until it fails, which it must within `timeoutMs`; gives the code of the error. */
  async codeOf(what: string, call: () => Promise<unknown>): Promise<string> {
    let code = 'none'
    await this.until(what, async () => {
      try {
        await call()
        return false
      } catch (error) {
        code = codeOf(error)
        return true
      }
    })
    return code
  }
}

function codeOf(error: unknown): string {
  return MillraceError.is(error) ? error.code : `not a MillraceError: ${String(error)}`
}

/** Appends records of one partition to a producer, waiting when it asks for it. */
export async function writeTo(
  producer: Pick<Producer, 'write'>,
  topic: string,
  partition: number | null,
  records: readonly PlainRecord[],
): Promise<void> {
  const builder = new RawRecordsBuilder()
  for (const { key, value, timestamp, headers } of records) {
    builder.append(key, value, timestamp, headers)
  }
  const partitions = partition === null ? null : new Int32Array(records.length).fill(partition)
  await producer.write({ ...builder.build(), topic, partitions })
}

export function readRecords(batch: RawBatch): ReadRecord[] {
  return Array.from({ length: batch.count }, (_, i) => ({
    partition: batch.partition,
    offset: batch.offsets[i] as number,
    ...plainRecord(batch, i),
  }))
}

/** `count` small records with values `0`, `1`, …, a millisecond apart. */
export function numbered(count: number, from = 0): PlainRecord[] {
  return Array.from({ length: count }, (_, i) => ({
    key: null,
    value: Buffer.from(String(from + i)),
    timestamp: 1_700_000_000_000 + from + i,
    headers: [],
  }))
}

/** The values as text, for records made by `numbered`. */
export function valuesOf(records: readonly PlainRecord[]): string[] {
  return records.map(({ value }) => String(value))
}
