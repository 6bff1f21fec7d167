/**
 * Writes outputs that are seen at once, over connections of our own, with idempotence and without
 * transactions.
 *
 * A flush that fails ends all that was under way: connections are closed, and what is written after
 * it has a new epoch of the producer. A broker that has a batch of the new epoch refuses what may
 * still come of the old one, so nothing old lands behind something new.
 */
import type { OutgoingRecords, Producer } from '@millrace/core'
import type { BatchIdentity } from './outgoing-partition.ts'
import type { RecordSender } from './record-sender.ts'

const EPOCH_MAX = 32_767

export class DirectProducer implements Producer {
  readonly #connect: (identity: BatchIdentity) => RecordSender
  readonly #onClosed: (next: BatchIdentity | null) => void
  #identity: BatchIdentity
  #sender: RecordSender
  #writes = 0
  /** Why records were lost that no flush has told of yet. */
  #lost: unknown = null
  #isClosed = false

  /** @param onClosed told once, when nothing more is sent: under what the next one may go on */
  constructor(
    identity: BatchIdentity,
    connect: (identity: BatchIdentity) => RecordSender,
    onClosed: (next: BatchIdentity | null) => void,
  ) {
    this.#identity = identity
    this.#connect = connect
    this.#onClosed = onClosed
    this.#sender = connect(identity)
  }

  write(records: OutgoingRecords): Promise<void> | undefined {
    this.#writes++
    return this.#sender.write(records)
  }

  async flush(): Promise<void> {
    const sender = this.#sender
    const lost = this.#lost
    const writes = this.#writes
    this.#lost = null
    try {
      await sender.flush()
    } catch (error) {
      // What came behind what is flushed here shares its fate, which the next flush tells.
      if (sender === this.#sender && writes !== this.#writes) this.#lost = error
      this.#beginAnew(sender)
      throw error
    }
    if (lost !== null) throw lost
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#sender.close()
    this.#onClosed(renewed(this.#identity))
  }

  /** Without an epoch that is left, every flush says that it failed. */
  #beginAnew(failed: RecordSender): void {
    failed.close()
    const identity = renewed(this.#identity)
    if (this.#isClosed || failed !== this.#sender || identity === null) return
    this.#identity = identity
    this.#sender = this.#connect(identity)
  }
}

/** Null: it was renewed too often; it needs another id. */
function renewed(identity: BatchIdentity): BatchIdentity | null {
  return identity.epoch < EPOCH_MAX ? { ...identity, epoch: identity.epoch + 1 } : null
}
