/**
 * What is to be written to one partition, in order.
 *
 *   append ─► open batch ─► seal: a sequence ─► under way ─► acknowledged, forgotten
 *                                    ▲               │ lost
 *                                    └── again, from the first that is not known to be written
 *
 * Batches are sent again as they were, with the sequence they had: the broker writes each once. A
 * batch that comes before one that was lost is refused by it, so no order changes. But a broker
 * that knows nothing of the producer takes any sequence: so the first batch goes alone.
 */
import { type BatchOptions, OpenBatch } from '../records/open-batch.ts'
import type { OutgoingRows } from '../records/outgoing-rows.ts'

/** Who writes. */
export interface BatchIdentity {
  readonly producerId: bigint
  readonly epoch: number
  /** Null: not in a transaction. */
  readonly transactionalId: string | null
}

export interface SealedBatch {
  readonly bytes: Buffer
  readonly count: number
  readonly sealedAt: number
  /** Which flush waits for it. */
  readonly flush: number
  isWritten: boolean
}

/**
 * From the first that is not acknowledged on: the broker knows so many again when they are sent
 * again, and no more.
 */
const WINDOW = 5
/** A broker forgets a producer that is silent for much longer (`producer.id.expiration.ms`). */
const KNOWN_MS = 60_000
/** Sequences begin again at 0 behind the greatest. */
const SEQUENCE_MASK = 0x7fffffff

export class OutgoingPartition {
  readonly topic: string
  readonly partition: number
  readonly #options: BatchOptions
  /** Made with its first record: most partitions may have none. */
  #open: OpenBatch | null = null
  #openedAt = 0
  /** Not acknowledged, in order; those before `#next` were sent. */
  readonly #queue: SealedBatch[] = []
  #next = 0
  #sequence = 0
  /** When the broker was last known to know the producer here. */
  #knownAt = Number.NEGATIVE_INFINITY
  /** Requests under way that hold a batch of it. */
  underWay = 0
  /** Something went wrong on the way: its leader is asked for, then all is sent again. */
  isLost = false
  /** What was last said of a batch that is sent again. */
  trouble: Error | null = null
  /** Since when its topic or leader is missing. */
  missingSince: number | null = null
  /** The offset behind the last record that is known to be written; null = none is. */
  end: number | null = null
  /** Its leader; -1: not known. */
  brokerId = -1

  constructor(topic: string, partition: number, options: BatchOptions) {
    this.topic = topic
    this.partition = partition
    this.#options = options
  }

  get openSize(): number {
    return this.hasOpen ? (this.#open as OpenBatch).size : 0
  }

  /** Of records. */
  get openCount(): number {
    return this.#open?.count ?? 0
  }

  get openedAt(): number {
    return this.#openedAt
  }

  get isEmpty(): boolean {
    return !this.hasOpen && this.#queue.length === 0
  }

  /** When the first of what is not acknowledged was written. */
  get waitingSince(): number {
    return this.#queue[0]?.sealedAt ?? (this.hasOpen ? this.#openedAt : Number.POSITIVE_INFINITY)
  }

  /**
   * Rows `from` to `to` of a write into the open batch, as far as there is room.
   * @returns the first that is not in it, or `to`; when nothing is open then, that one has room
   *   nowhere
   * @throws ENCODE_FAILED for a time that is none
   */
  append(write: OutgoingRows, from: number, to: number): number {
    this.#open ??= new OpenBatch(this.#options)
    if (this.#open.count === 0) this.#openedAt = performance.now()
    return this.#open.appendRows(write, from, to)
  }

  get hasOpen(): boolean {
    return this.#open !== null && this.#open.count > 0
  }

  /** Ends the open batch, if it has records. Undefined: it has none. */
  seal(identity: BatchIdentity, flush: number): SealedBatch | undefined {
    const open = this.#open
    if (open === null || open.count === 0) return undefined
    const { count } = open
    const { producerId, epoch, transactionalId } = identity
    const isTransactional = transactionalId !== null
    const sequence = this.#sequence
    const bytes = open.seal({ producerId, epoch, sequence, isTransactional })
    this.#sequence = (sequence + count) & SEQUENCE_MASK
    this.#open = null
    const sealed = { bytes, count, sealedAt: performance.now(), flush, isWritten: false }
    this.#queue.push(sealed)
    return sealed
  }

  /** The next batch to send; undefined: all were sent, or the one before is to be waited for. */
  next(): SealedBatch | undefined {
    if (this.underWay > 0 && performance.now() - this.#knownAt > KNOWN_MS) return undefined
    while (this.#queue[this.#next]?.isWritten === true) this.#next++
    return this.#next < WINDOW ? this.#queue[this.#next] : undefined
  }

  /** `next` is under way. */
  sent(): void {
    this.underWay++
    this.#next++
  }

  /**
   * A batch is known to be written. Gives those that nobody needs any more.
   * @param baseOffset of its first record; -1 = not known
   */
  written(batch: SealedBatch, baseOffset: number): SealedBatch[] {
    batch.isWritten = true
    if (baseOffset >= 0) this.end = Math.max(this.end ?? 0, baseOffset + batch.count)
    this.#knownAt = performance.now()
    this.trouble = null
    const done: SealedBatch[] = []
    while (this.#queue[0]?.isWritten === true) {
      done.push(this.#queue.shift() as SealedBatch)
      this.#next--
    }
    if (this.#next < 0) this.#next = 0
    return done
  }

  /** It is the first of those not acknowledged: what is said of it was not caused by others. */
  isFirst(batch: SealedBatch): boolean {
    return this.#queue[0] === batch
  }

  /** All that is not known to be written is sent again, to whoever leads now. */
  again(brokerId: number): void {
    this.brokerId = brokerId
    this.isLost = false
    this.missingSince = null
    this.#next = 0
  }

  /**
   * The next sequence is 0: for a new epoch of the producer, with nothing under way.
   * @param isSame the producer has the id it had
   */
  startOver(isSame: boolean): void {
    this.#sequence = 0
    if (!isSame) this.#knownAt = Number.NEGATIVE_INFINITY
  }
}
