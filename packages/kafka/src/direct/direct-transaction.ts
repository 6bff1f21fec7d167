/**
 * Kafka transactions over connections of our own, in the form that needs fewest answers (KIP-890):
 * a partition joins the transaction by its first batch, a group by its offsets, and each end gives
 * the producer a new epoch.
 *
 *   write … ─► flush ─► offsets, as a member of the group ─► end: committed, next epoch
 *         └──► connections closed ─► end: aborted, next epoch
 *
 * Batches that are still under way when it is aborted have the epoch before: brokers refuse them.
 */
import {
  type GroupMember,
  MillraceError,
  type OffsetCommit,
  type OutgoingRecords,
  type TopicPartition,
  type TransactionalProducer,
} from '@millrace/core'
import { brokerError, codeOf, type TopicRight } from '../broker-errors.ts'
import { fencedError, isFenced } from '../fenced.ts'
import { outgoingCopy } from '../outgoing-copy.ts'
import { END_TRANSACTION } from '../wire/end-transaction.ts'
import { INIT_PRODUCER_ID, type ProducerIdAnswer } from '../wire/init-producer-id.ts'
import { type Membership, TRANSACTION_OFFSETS } from '../wire/transaction-offsets.ts'
import type { Coordinator } from './coordinator.ts'
import type { RecordSender } from './record-sender.ts'

/** Who writes, and where to. */
export interface TransactionParts {
  readonly transactionalId: string
  readonly timeoutMs: number
  /** Of the transactional id. */
  readonly coordinator: Coordinator
  groupCoordinator(groupId: string): Coordinator
  /** The member as its group knows it now. @throws FENCED when it is out of it */
  membershipOf(member: GroupMember): Membership
  connect(identity: TransactionIdentity): RecordSender
  onClosed(): void
}

export interface TransactionIdentity {
  readonly producerId: bigint
  readonly epoch: number
  readonly transactionalId: string
}

const ILLEGAL_GENERATION = 22
const INVALID_TRANSACTION_STATE = 48

/** The broker has given our id away. */
const INVALID_ID_MAPPING = 49

export class DirectTransaction implements TransactionalProducer {
  readonly #parts: TransactionParts
  #identity: TransactionIdentity
  #sender: RecordSender
  /** The broker may have heard of the transaction. */
  #isBegun = false
  /** Why it can only be aborted. */
  #spoiled: unknown = null
  /** Written while a commit is under way: for the next transaction. */
  #next: OutgoingRecords[] | null = null
  #committing: Promise<void> = Promise.resolve()
  #isClosed = false

  private constructor(parts: TransactionParts, identity: TransactionIdentity) {
    this.#parts = parts
    this.#identity = identity
    this.#sender = parts.connect(identity)
  }

  /** Takes the transactional id over from whoever had it. */
  static async create(parts: TransactionParts): Promise<DirectTransaction> {
    const { transactionalId } = parts
    const answer = await ask(parts, { producerId: -1n, epoch: -1 })
    const what = `transactions as ${JSON.stringify(transactionalId)} could not be begun`
    if (answer.errorCode !== 0) throw refusal(what, answer.errorCode)
    return new DirectTransaction(parts, identityOf(parts, answer))
  }

  write(records: OutgoingRecords): Promise<void> | undefined {
    if (this.#next !== null) {
      this.#next.push(outgoingCopy(records))
      return this.#committing
    }
    if (records.count > 0) this.#isBegun = true
    return this.#sender.write(records)
  }

  async commit(offsets: readonly OffsetCommit[], member: GroupMember | null): Promise<void> {
    if (this.#spoiled !== null) throw this.#spoiled
    const next: OutgoingRecords[] = []
    this.#next = next
    const committed = this.#commit(offsets, member)
    this.#committing = committed.catch(() => {})
    try {
      await committed
    } catch (error) {
      this.#spoiled = error
      throw error
    } finally {
      this.#next = null
      if (this.#spoiled === null) for (const records of next) void this.write(records)
    }
  }

  async abort(): Promise<void> {
    if (!this.#isBegun && this.#spoiled === null) return
    this.#sender.close()
    this.#identity = await this.#undone()
    this.#sender = this.#parts.connect(this.#identity)
    this.#isBegun = false
    this.#spoiled = null
  }

  endOf({ topic, partition }: TopicPartition): number | null {
    return this.#sender.endOf(topic, partition)
  }

  /** What is open is left to the broker, which aborts it. */
  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#spoiled ??= new MillraceError('INTERNAL', 'a transaction was used after its close')
    this.#sender.close()
    this.#parts.onClosed()
  }

  async #commit(offsets: readonly OffsetCommit[], member: GroupMember | null): Promise<void> {
    // Before anything is waited for: what is written from here on is of the next transaction.
    const flushed = this.#sender.flush()
    await flushed.catch(error => {
      const code = codeOf((error as Error).cause)
      throw isOvertaken(code) ? refusal('a record was not written', code) : error
    })
    if (offsets.length > 0 && member !== null) {
      this.#isBegun = true
      await this.#sendOffsets(offsets, member)
    }
    if (!this.#isBegun) return
    const end = { ...this.#identity, isCommit: true }
    const answer = await this.#parts.coordinator.ask(END_TRANSACTION, end)
    if (answer.errorCode === INVALID_TRANSACTION_STATE) throw endedBefore(this.#parts.timeoutMs)
    if (answer.errorCode !== 0) throw refusal('the transaction was not committed', answer.errorCode)
    this.#isBegun = false
    this.#identity = identityOf(this.#parts, answer)
    this.#sender.setIdentity(this.#identity)
  }

  async #sendOffsets(offsets: readonly OffsetCommit[], member: GroupMember): Promise<void> {
    for (;;) {
      const membership = this.#parts.membershipOf(member)
      const request = { ...this.#identity, ...membership, offsets }
      const coordinator = this.#parts.groupCoordinator(membership.groupId)
      const { errorCode } = await coordinator.ask(TRANSACTION_OFFSETS, request)
      if (errorCode === 0) return
      const isOutdated = this.#parts.membershipOf(member).generation !== membership.generation
      // The group has gone on, and this member with it, while it was asked.
      if (errorCode === ILLEGAL_GENERATION && isOutdated) continue
      throw refusal('offsets were not added to the transaction', errorCode, 'Read')
    }
  }

  async #undone(): Promise<TransactionIdentity> {
    const end = { ...this.#identity, isCommit: false }
    const answer = await this.#parts.coordinator.ask(END_TRANSACTION, end)
    if (answer.errorCode === 0) return identityOf(this.#parts, answer)
    const what = 'the transaction was not aborted'
    if (answer.errorCode !== INVALID_TRANSACTION_STATE) throw refusal(what, answer.errorCode)
    // Nobody knows how far it came; this ends it, unless another has taken over.
    const begun = await ask(this.#parts, this.#identity)
    if (begun.errorCode !== 0) throw refusal(what, begun.errorCode)
    return identityOf(this.#parts, begun)
  }
}

function ask(
  { coordinator, transactionalId, timeoutMs }: TransactionParts,
  { producerId, epoch }: Pick<TransactionIdentity, 'producerId' | 'epoch'>,
): Promise<ProducerIdAnswer> {
  const request = { transactionalId, transactionTimeoutMs: timeoutMs, producerId, epoch }
  return coordinator.ask(INIT_PRODUCER_ID, request)
}

function identityOf(
  { transactionalId }: TransactionParts,
  { producerId, epoch }: Pick<ProducerIdAnswer, 'producerId' | 'epoch'>,
): TransactionIdentity {
  return { producerId, epoch, transactionalId }
}

/**
 * The broker has no such transaction open: had it committed it, it would say so again
 * (TransactionCoordinator.endTransaction of Kafka 4.1).
 */
function endedBefore(timeoutMs: number): MillraceError {
  return new MillraceError(
    'BROKER_REFUSED',
    'the transaction was not committed: the broker had ended it before, as it does with one that ' +
      `is open for more than ${timeoutMs} ms. The epoch is repeated; where that happens often, ` +
      'give the process more of a core, or commit more often.',
    { retriable: true },
  )
}

function refusal(what: string, code: number, right: TopicRight = 'Write'): MillraceError {
  const error = Object.assign(new Error(`the broker answered with error ${code}`), { code })
  if (!isOvertaken(code)) return brokerError(what, error, {}, right)
  return fencedError(what, error.message, error)
}

function isOvertaken(code: number): boolean {
  return isFenced(code) || code === INVALID_ID_MAPPING
}
