/**
 * What a run writes with: a plain producer for outputs that are seen at once, a transactional one
 * for everything internal (and for outputs under exactly-once). Either may be missing.
 */
import type { StateBackend } from '../state/state-backend.ts'
import type { OutgoingRecords } from '../transport/raw-records.ts'
import type { Producer, TransactionalProducer, Transport } from '../transport/transport.ts'
import { HeldWrites } from './held-writes.ts'
import { isTransactional, type RunOptions } from './run-options.ts'
import type { Writer } from './task.ts'

/** The broker gives a transaction up after max(this, 5 × the commit interval). */
const TRANSACTION_MS_MIN = 10_000

export interface ProducerNeeds {
  readonly transport: Transport
  /** Names this process's transactions; a restarted process of the same name takes over at once. */
  readonly transactionalId: string
  readonly transactionMs: number
  readonly isTransactional: boolean
  /** False: outputs are part of the transaction. */
  readonly isOutputAtOnce: boolean
}

export class Producers {
  /** Null: outputs are part of the transaction. */
  plain: Producer | null = null
  transaction: TransactionalProducer | null = null
  readonly #needs: ProducerNeeds
  readonly #heldPlain = new HeldWrites()
  readonly #heldTransaction = new HeldWrites()

  constructor(needs: ProducerNeeds) {
    this.#needs = needs
  }

  /** For outputs. */
  get outputs(): Writer {
    return { write: records => this.#write(records, this.plain !== null) }
  }

  /** For records that only other tasks read, when the epoch has been committed. */
  get internals(): Writer {
    return { write: records => this.#write(records, this.transaction === null) }
  }

  /** Bytes that wait for the commit under way. */
  get heldBytes(): number {
    return this.#heldPlain.bytes + this.#heldTransaction.bytes
  }

  /** From here on what is written belongs to the next epoch and waits. */
  hold(): void {
    this.#heldPlain.hold()
    this.#heldTransaction.hold()
  }

  /** Every output of the epoch was acknowledged: those of the next one may go. */
  releasePlain(): void {
    const { plain } = this
    if (plain !== null) this.#heldPlain.release(records => plain.write(records))
  }

  /** The transaction was committed: the next one may begin. */
  releaseTransaction(): void {
    const { transaction } = this
    if (transaction !== null) {
      this.#heldTransaction.release(records => transaction.write(records))
    }
  }

  async open(): Promise<void> {
    const { transport, transactionalId, transactionMs: timeoutMs } = this.#needs
    const { isTransactional, isOutputAtOnce } = this.#needs
    if (isTransactional) {
      const options = { transactionalId, timeoutMs }
      this.transaction = (await transport.createTransactionalProducer?.(options)) ?? null
    }
    const isPlain = isOutputAtOnce || this.transaction === null
    if (isPlain) this.plain = await transport.createProducer()
  }

  /** After a failed epoch: nothing of it is left, and writing can begin again. */
  async renew(): Promise<void> {
    await this.close()
    await this.open()
  }

  /** Undoes what was not committed, so that readers need not wait for the broker to do it. */
  async close(): Promise<void> {
    const { transaction, plain } = this
    this.transaction = null
    this.plain = null
    this.#heldPlain.drop()
    this.#heldTransaction.drop()
    await transaction?.abort().catch(() => {})
    await transaction?.close()
    await plain?.close()
  }

  #write(records: OutgoingRecords, isPlain: boolean): Promise<void> | undefined {
    const held = isPlain ? this.#heldPlain : this.#heldTransaction
    const producer = (isPlain ? this.plain : this.transaction) as Writer
    return held.write(records, each => producer.write(each))
  }
}

/** The producers of a run; its transactions are named after the slot of its state. */
export async function openProducers(
  options: RunOptions,
  backend: StateBackend | null,
): Promise<Producers> {
  const { transport, applicationId, commitIntervalMs, guarantee } = options
  const producers = new Producers({
    transport,
    transactionalId: `${applicationId}-${backend?.slot}`,
    transactionMs: Math.max(TRANSACTION_MS_MIN, 5 * commitIntervalMs),
    isTransactional: isTransactional(options),
    isOutputAtOnce: guarantee === 'at-least-once',
  })
  await producers.open()
  return producers
}
