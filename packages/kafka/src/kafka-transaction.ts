/**
 * Kafka transactions through librdkafka: records by the idempotent producer, offsets through the
 * group member, both visible together.
 *
 *   begin ─► write … ─► flush ─► offsets with the group's metadata ─► commit ─► begin
 *                 └──► flush ─► abort ─► begin
 *
 * A transaction is always open on our side; the broker hears of it with the first record or offset.
 * Flushing comes before aborting: an abort of records that were never sent ends the client
 * (confluentinc/librdkafka#4849).
 */
import {
  type GroupMember,
  MillraceError,
  type OffsetCommit,
  type OutgoingRecords,
  type TransactionalProducer,
} from '@millrace/core'
import { CODE, codeOf, type Explain, type TopicRight } from './broker-errors.ts'
import { fencedError, isFenced } from './fenced.ts'
import { KafkaGroupMember } from './group-member.ts'
import type { KafkaProducer } from './kafka-producer.ts'
import { answerOf, type NativeProducer } from './native-client.ts'

/** How long one call may take; an unknown outcome is asked for again. */
const CALL_MS = 10_000
const TRIES_MAX = 12

/** What records are told that a failed transaction has dropped, or does not take any more. */
const DROPPED: ReadonlySet<number> = new Set([
  CODE.purgedQueue,
  CODE.purgedInFlight,
  CODE.erroneousState,
])

export class KafkaTransaction implements TransactionalProducer {
  readonly #native: NativeProducer
  readonly #producer: KafkaProducer
  readonly #explain: Explain
  /** Why the open transaction can only be aborted. */
  #spoiled: unknown = null

  private constructor(native: NativeProducer, producer: KafkaProducer, explain: Explain) {
    this.#native = native
    this.#producer = producer
    this.#explain = explain
  }

  /** Takes the transactional id over from whoever had it, and begins. */
  static async create(
    native: NativeProducer,
    producer: KafkaProducer,
    transactionalId: string,
    explain: Explain,
  ): Promise<KafkaTransaction> {
    const transaction = new KafkaTransaction(native, producer, explain)
    await transaction.#insist(
      `transactions as ${JSON.stringify(transactionalId)} could not be begun`,
      done => native.initTransactions(CALL_MS, done),
    )
    await transaction.#begin()
    return transaction
  }

  write(records: OutgoingRecords): Promise<void> | undefined {
    return this.#producer.write(records)
  }

  async commit(offsets: readonly OffsetCommit[], member: GroupMember | null): Promise<void> {
    if (this.#spoiled !== null) throw this.#spoiled
    // What is written from here on belongs to the next transaction.
    this.#producer.hold()
    try {
      await this.#commit(offsets, member)
    } finally {
      this.#producer.release()
    }
  }

  async #commit(offsets: readonly OffsetCommit[], member: GroupMember | null): Promise<void> {
    try {
      // One after the other: side by side the coordinator refuses one of them for the moment, and
      // the client waits 20 ms before it adds a partition again.
      await this.#flush()
      if (offsets.length > 0 && member !== null) await this.#sendOffsets(offsets, member)
      await this.#insist('the transaction was not committed', done =>
        this.#native.commitTransaction(CALL_MS, done),
      )
    } catch (error) {
      this.#spoiled = error
      throw error
    }
    // What was committed has been, whether or not there can be another one.
    await this.#begin().catch(error => {
      this.#spoiled = error
    })
  }

  async abort(): Promise<void> {
    // What failed is known already; only that nothing is under way counts here.
    await this.#producer.flush().catch(() => {})
    await this.#insist('the transaction was not aborted', done =>
      this.#native.abortTransaction(CALL_MS, done),
    )
    this.#spoiled = null
    await this.#begin()
  }

  /** What is open is left to the broker, which aborts it. */
  close(): Promise<void> {
    return this.#producer.close()
  }

  /** Records of a fenced producer are dropped; their report says that, and not why. */
  async #flush(): Promise<void> {
    try {
      await this.#producer.flush()
    } catch (failure) {
      // One is open, so this is refused, with the reason the client has.
      const reason = await this.#begin().catch(error => error)
      if (MillraceError.is(reason) && reason.code === 'FENCED') throw reason
      if (!DROPPED.has(codeOf((failure as Error).cause)) || !MillraceError.is(reason)) throw failure
      throw this.#producer.failureOf(reason.cause)
    }
  }

  #sendOffsets(offsets: readonly OffsetCommit[], member: GroupMember): Promise<void> {
    const consumer = KafkaGroupMember.nativeOf(member)
    return this.#insist(
      'offsets were not added to the transaction',
      done => this.#native.sendOffsetsToTransaction([...offsets], consumer, CALL_MS, done),
      'Read',
    )
  }

  #begin(): Promise<void> {
    return this.#insist('a transaction was not begun', done => this.#native.beginTransaction(done))
  }

  /** Asks again for as long as the outcome is not known; the client makes that safe. */
  async #insist(
    what: string,
    call: (done: (error: Error | null | undefined) => void) => unknown,
    right: TopicRight = 'Write',
  ): Promise<void> {
    for (let tries = 1; ; tries++) {
      try {
        await answerOf<void>(done => call(error => done(error as never, undefined)))
        return
      } catch (error) {
        const isRetriable = (error as { isRetriable?: boolean }).isRetriable === true
        if (!isRetriable || tries === TRIES_MAX) throw this.#refusal(what, error, right)
      }
    }
  }

  #refusal(what: string, error: unknown, right: TopicRight): MillraceError {
    if (!isFenced(codeOf(error))) return this.#explain(what, error, {}, right)
    return fencedError(what, error instanceof Error ? error.message : String(error), error)
  }
}
