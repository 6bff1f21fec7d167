/**
 * The transactions of the in-memory broker: who may write under an id, and what is open.
 *
 *            append, addOffsets                end, timeout, register of the same id
 *   nothing ────────────────────▶ open ──────────────────────────────────────────────▶ nothing
 *
 * An id has one epoch at a time. `register` and a timeout move it on, so whoever holds an older one
 * is fenced. Records and offsets of a transaction become readable in one synchronous step: nobody
 * sees a part of it. A commit that was done may be asked for again, as after a lost answer.
 */
import { MillraceError } from '../../errors.ts'
import type { Clock } from '../../util/clock.ts'
import type { RawRecords } from '../raw-records.ts'
import type { TransactionOptions } from '../transport.ts'
import type { LogTransaction, PartitionLog } from './partition-log.ts'

/** Who writes; the later epoch of an id is the living one. */
export interface ProducerIdentity {
  readonly transactionalId: string
  readonly epoch: number
}

interface Registered {
  epoch: number
  timeoutMs: number
  open: OpenTransaction | null
  /** How the last transaction of this epoch ended; null = none has. */
  outcome: 'committed' | 'aborted' | null
}

interface OpenTransaction {
  readonly logs: Map<PartitionLog, LogTransaction>
  readonly offsets: ((isCommitted: boolean) => void)[]
  /** Aborted when the transaction has ended. */
  readonly ended: AbortController
}

export class TransactionCoordinator {
  readonly #clock: Clock
  readonly #onEnded: () => void
  readonly #registered = new Map<string, Registered>()

  /** @param onEnded called when a transaction has ended, whichever way. */
  constructor(clock: Clock, onEnded: () => void) {
    this.#clock = clock
    this.#onEnded = onEnded
  }

  /** Ids that have a transaction open, in the order they were first registered. */
  get openIds(): string[] {
    return [...this.#registered].filter(([, { open }]) => open !== null).map(([id]) => id)
  }

  /** Takes over an id: what the holder before has open is aborted. */
  register({ transactionalId, timeoutMs }: TransactionOptions): ProducerIdentity {
    checkOptions(transactionalId, timeoutMs)
    const known = this.#registered.get(transactionalId)
    if (known === undefined) {
      this.#registered.set(transactionalId, { epoch: 0, timeoutMs, open: null, outcome: null })
      return { transactionalId, epoch: 0 }
    }
    this.#end(known, false)
    known.timeoutMs = timeoutMs
    known.outcome = null
    return { transactionalId, epoch: ++known.epoch }
  }

  isCurrent({ transactionalId, epoch }: ProducerIdentity): boolean {
    return this.#registered.get(transactionalId)?.epoch === epoch
  }

  /** @throws FENCED */
  append(identity: ProducerIdentity, log: PartitionLog, raw: RawRecords, index: number): void {
    const { logs } = this.#begin(identity)
    const part = logs.get(log) ?? log.begin()
    logs.set(log, part)
    part.append(raw, index)
  }

  /**
   * Adds what `hold` keeps back to the transaction.
   * @throws FENCED
   */
  addOffsets(identity: ProducerIdentity, hold: () => (isCommitted: boolean) => void): void {
    this.#check(identity)
    const decide = hold()
    this.#begin(identity).offsets.push(decide)
  }

  /**
   * Decides the transaction; one already decided this way is no error.
   * @throws FENCED, BROKER_REFUSED when there is none to commit.
   */
  end(identity: ProducerIdentity, isCommitted: boolean): void {
    const registered = this.#check(identity)
    if (registered.open === null && isCommitted && registered.outcome !== 'committed') {
      throw new MillraceError(
        'BROKER_REFUSED',
        `transaction ${identity.transactionalId} cannot be committed: none is open. Abort it.`,
      )
    }
    this.#end(registered, isCommitted)
  }

  #begin(identity: ProducerIdentity): OpenTransaction {
    const registered = this.#check(identity)
    if (registered.open !== null) return registered.open
    const open = { logs: new Map(), offsets: [], ended: new AbortController() }
    registered.open = open
    registered.outcome = null
    void this.#expire(registered, open)
    return open
  }

  async #expire(registered: Registered, open: OpenTransaction): Promise<void> {
    await this.#clock.sleep(registered.timeoutMs, open.ended.signal)
    if (registered.open !== open) return
    registered.epoch++
    this.#end(registered, false)
  }

  #end(registered: Registered, isCommitted: boolean): void {
    const { open } = registered
    if (open === null) return
    registered.open = null
    registered.outcome = isCommitted ? 'committed' : 'aborted'
    open.ended.abort()
    for (const part of open.logs.values()) part.end(isCommitted)
    for (const decide of open.offsets) decide(isCommitted)
    this.#onEnded()
  }

  #check(identity: ProducerIdentity): Registered {
    const registered = this.#registered.get(identity.transactionalId)
    if (registered !== undefined && registered.epoch === identity.epoch) return registered
    throw new MillraceError(
      'FENCED',
      `another producer has taken over transactional id ${identity.transactionalId}, or its ` +
        'transaction was open for longer than its timeout. Nothing of it was committed; ' +
        'create a new producer and go on from the last commit.',
    )
  }
}

function checkOptions(transactionalId: string, timeoutMs: number): void {
  if (transactionalId === '') {
    throw new MillraceError('INVALID_ARGUMENT', 'a transactional id has at least one character.')
  }
  if (!(timeoutMs > 0)) {
    throw new MillraceError(
      'INVALID_ARGUMENT',
      `the timeout of a transaction is more than 0 ms; got ${timeoutMs}.`,
    )
  }
}
