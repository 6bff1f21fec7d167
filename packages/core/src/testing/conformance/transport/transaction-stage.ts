/**
 * What the questions about transactions share: a topic written to, an input topic whose offsets are
 * committed, members and transactional producers as separate processes have them.
 */
import type {
  Fetcher,
  OffsetCommit,
  TransactionalProducer,
  Transport,
} from '../../../transport/transport.ts'
import { type ExamSession, type ExamTopic, numbered, type TransportExam, writeTo } from './exam.ts'
import { Participant } from './participant.ts'

/** Long enough for every question; the broker must not end a transaction in the midst of one. */
const TRANSACTION_MS = 60_000

/** Asks only a transport that says it can do transactions; any other must not offer them. */
export function askStage(
  exam: TransportExam,
  name: string,
  question: (stage: TransactionStage) => Promise<void>,
): void {
  exam.ask(name, async session => {
    const transport = await session.open()
    const { transactions } = transport.abilities
    const offered = typeof transport.createTransactionalProducer
    exam.expect(offered).toBe(transactions ? 'function' : 'undefined')
    if (transactions) await question(await TransactionStage.set(exam, session, transport))
  })
}

/** A process that takes part: a producer and a member of the group. */
export interface TransactionalClient {
  readonly producer: TransactionalProducer
  readonly participant: Participant
}

export class TransactionStage {
  readonly exam: TransportExam
  readonly session: ExamSession
  readonly transport: Transport
  /** Written to; at least two partitions. */
  readonly output: ExamTopic
  readonly input: ExamTopic
  readonly #groupId: string
  readonly #transactionalId: string

  private constructor(
    exam: TransportExam,
    session: ExamSession,
    transport: Transport,
    [output, input]: readonly [ExamTopic, ExamTopic],
  ) {
    this.exam = exam
    this.session = session
    this.transport = transport
    this.output = output
    this.input = input
    this.#groupId = exam.newName('group')
    this.#transactionalId = exam.newName('transactional')
  }

  static async set(
    exam: TransportExam,
    session: ExamSession,
    transport: Transport,
  ): Promise<TransactionStage> {
    const output = await session.topic(transport, 2)
    const input = await session.topic(transport)
    return new TransactionStage(exam, session, transport, [output, input])
  }

  /** A producer; the same `nth` has the same transactional id. */
  async producer(nth = 0, transport: Transport = this.transport): Promise<TransactionalProducer> {
    const transactionalId = `${this.#transactionalId}-${nth}`
    const create = transport.createTransactionalProducer?.bind(transport)
    if (create === undefined) throw new Error('createTransactionalProducer is missing')
    return create({ transactionalId, timeoutMs: TRANSACTION_MS })
  }

  /** Joins the group and waits until it owns the input. */
  async member(transport: Transport = this.transport): Promise<Participant> {
    const { name, partitionCount } = this.input
    const participant = new Participant()
    await participant.join(transport, this.#groupId, [name])
    await this.session.until('all is assigned', () => participant.owned.size === partitionCount)
    return participant
  }

  async client(): Promise<TransactionalClient> {
    return { producer: await this.producer(), participant: await this.member() }
  }

  /** An offset of the first partition of the input. */
  offset(offset: number, metadata = ''): OffsetCommit[] {
    return [{ topic: this.input.name, partition: 0, offset, metadata }]
  }

  async write(
    producer: Parameters<typeof writeTo>[0],
    count: number,
    from: number,
    partition = 0,
  ): Promise<void> {
    await writeTo(producer, this.output.name, partition, numbered(count, from))
  }

  /** Waits until the log has grown to this offset: until then a record may be on its way. */
  async untilLatest(latest: number, partition = 0): Promise<void> {
    const place = { topic: this.output.name, partition }
    await this.session.until(`the log of partition ${partition} reaches ${latest}`, async () => {
      return (await this.transport.admin.offsets(place)).latest >= latest
    })
  }

  async latest(partition = 0): Promise<number> {
    return (await this.transport.admin.offsets({ topic: this.output.name, partition })).latest
  }

  /** A fetcher at the beginning of partitions of the output. */
  async fetcher(partitions: readonly number[] = [0]): Promise<Fetcher> {
    const fetcher = await this.session.fetcher(this.transport)
    for (const partition of partitions) fetcher.add({ topic: this.output.name, partition }, 0)
    return fetcher
  }
}
