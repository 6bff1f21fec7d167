/**
 * Writes transactions to the in-memory broker, as librdkafka's transactional producer does.
 *
 *            write                    commit
 *   idle ───────────────▶ open ───────────────────▶ idle
 *                          │ commit fails     abort
 *                          └────────▶ spoiled ─────▶ idle        any ──▶ fenced, for good
 *
 * A commit first waits for every record, then sends the offsets, then asks for the end, and asks
 * again as long as it does not know what became of it. With neither records nor offsets nothing is
 * sent, so then nothing is fenced either: that is how Kafka's clients behave.
 */
import { MillraceError } from '../../errors.ts'
import { assert } from '../../util/assert.ts'
import type { OutgoingRecords } from '../raw-records.ts'
import type { GroupMember, OffsetCommit, TransactionalProducer } from '../transport.ts'
import type { ClientLine } from './client-line.ts'
import type { InMemoryBroker } from './in-memory-broker.ts'
import { membershipOf } from './in-memory-member.ts'
import { Outbox } from './outbox.ts'
import type { ProducerIdentity } from './transaction-coordinator.ts'

export class InMemoryTransactionalProducer implements TransactionalProducer {
  readonly #broker: InMemoryBroker
  readonly #line: ClientLine
  readonly #identity: ProducerIdentity
  readonly #outbox: Outbox
  /** Something was written or sent since the last commit or abort. */
  #isOpen = false
  #isEnding = false
  #isClosed = false
  /** Why the transaction can only be aborted. */
  #spoiled: Error | null = null
  #fenced: MillraceError | null = null

  constructor(broker: InMemoryBroker, line: ClientLine, identity: ProducerIdentity) {
    this.#broker = broker
    this.#line = line
    this.#identity = identity
    this.#outbox = new Outbox(broker, line, (log, records, index) =>
      broker.transactions.append(identity, log, records, index),
    )
  }

  write(records: OutgoingRecords): undefined {
    this.#checkUsable()
    this.#isOpen = true
    this.#outbox.write(records)
    return undefined
  }

  async commit(offsets: readonly OffsetCommit[], member: GroupMember | null): Promise<void> {
    this.#checkUsable()
    assert(offsets.length === 0 || member !== null, 'offsets are committed for a member')
    if (this.#spoiled !== null) throw this.#spoiled
    this.#isEnding = true
    try {
      await this.#deliverAll()
      if (member !== null && offsets.length > 0) await this.#sendOffsets(offsets, member)
      if (this.#isOpen) await this.#endUntilKnown()
      this.#isOpen = false
    } catch (error) {
      this.#spoiled = error as Error
      throw this.#learnFrom(error)
    } finally {
      this.#isEnding = false
    }
  }

  async abort(): Promise<void> {
    this.#checkUsable()
    this.#isEnding = true
    try {
      await this.#outbox.settled()
      this.#outbox.takeFailure()
      if (this.#isOpen) await this.#line.call('end-abort', () => this.#end(false))
      this.#isOpen = false
      this.#spoiled = null
    } catch (error) {
      throw this.#learnFrom(error)
    } finally {
      this.#isEnding = false
    }
  }

  /** Aborts what is open. Never fails: what it cannot abort, the broker does after the timeout. */
  async close(): Promise<void> {
    if (this.#isClosed) return
    if (this.#isOpen && !this.#isEnding && this.#fenced === null) await this.abort().catch(() => {})
    this.#isClosed = true
  }

  #checkUsable(): void {
    assert(!this.#isClosed, 'a closed producer is not used')
    assert(!this.#isEnding, 'a producer is not used while its transaction ends')
    if (this.#fenced !== null) throw this.#fenced
  }

  async #deliverAll(): Promise<void> {
    await this.#outbox.settled()
    const failure = this.#outbox.takeFailure()
    if (failure === null) return
    throw isFencing(failure.cause) ? failure.cause : failure
  }

  #sendOffsets(offsets: readonly OffsetCommit[], member: GroupMember): Promise<void> {
    const { group, membership } = membershipOf(member)
    // What the client knows now; when a delayed call arrives, the group may be further.
    const { generation } = membership
    return this.#line.call('send-offsets', () => {
      this.#broker.reach()
      this.#broker.transactions.addOffsets(this.#identity, () =>
        group.hold(membership, offsets, generation),
      )
      this.#isOpen = true
    })
  }

  async #endUntilKnown(): Promise<void> {
    for (;;) {
      try {
        return await this.#line.call('end-commit', () => this.#end(true))
      } catch (error) {
        if (!MillraceError.is(error) || !error.retriable) throw error
      }
      if (this.#broker.isReachable) await new Promise(resolve => setImmediate(resolve))
      else await this.#line.untilChanged(this.#broker.changes.next())
    }
  }

  #end(isCommitted: boolean): void {
    this.#broker.reach()
    this.#broker.transactions.end(this.#identity, isCommitted)
  }

  /** Being fenced by another producer is for good; being out of the group is not. */
  #learnFrom(error: unknown): unknown {
    const isForGood = isFencing(error) && !this.#broker.transactions.isCurrent(this.#identity)
    if (isForGood) this.#fenced = error
    return error
  }
}

function isFencing(error: unknown): error is MillraceError {
  return MillraceError.is(error) && error.code === 'FENCED'
}
