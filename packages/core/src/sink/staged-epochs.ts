/**
 * What the tasks of an in-memory sink have written, by epoch, until it is committed.
 *
 * What is prepared lives with the sink's definition, so that it survives its task as a file would
 * survive the process; what is being written lives with the task's sink. An epoch is found by its
 * receipt, not by its number: one who has lost the task and does not know yet may have prepared the
 * same number as the next owner, and must neither give his for the other's nor remove it.
 *
 *   open (of one sink) → prepared (has a receipt) → taken (visible), or dropped
 */
import { randomBytes } from 'node:crypto'
import { MillraceError } from '../errors.ts'
import type { Receipt, Sink } from './sink.ts'

interface PreparedEpoch<E> {
  readonly epoch: number
  readonly staged: E
}

/** Of one task: what all its sinks, dead and alive, have prepared. */
export class StagedEpochs<E> {
  /** Makes a new, empty epoch. */
  readonly make: () => E
  /** Receipts of other definitions, those of earlier processes too, do not begin so. */
  readonly #stem = `memory 1 ${randomBytes(6).toString('hex')} `
  readonly #prepared = new Map<string, PreparedEpoch<E>>()
  #count = 0
  /** The greatest epoch that was taken. */
  #last = -1

  constructor(make: () => E) {
    this.make = make
  }

  add(epoch: number, staged: E): Uint8Array {
    const receipt = `${this.#stem}${this.#count++}`
    this.#prepared.set(receipt, { epoch, staged })
    return Buffer.from(receipt)
  }

  /**
   * The prepared epoch, once; undefined when it was taken before, or went with its process.
   * @throws SINK_FAILED when it is missing and was never taken.
   */
  take(epoch: number, receipt: Receipt): E | undefined {
    const text = textOf(receipt)
    if (!text.startsWith(this.#stem)) return undefined
    const prepared = this.#prepared.get(text)
    if (prepared === undefined && epoch > this.#last) {
      throw new MillraceError(
        'SINK_FAILED',
        `the rows of epoch ${epoch} have gone before they were made visible.`,
      )
    }
    this.#prepared.delete(text)
    this.#last = Math.max(this.#last, epoch)
    return prepared?.staged
  }

  drop(receipt: Receipt): void {
    this.#prepared.delete(textOf(receipt))
  }

  /** Drops earlier epochs. One of the same number may be that of a second sink of this task. */
  dropBefore(epoch: number): void {
    for (const [receipt, prepared] of this.#prepared) {
      if (prepared.epoch < epoch) this.#prepared.delete(receipt)
    }
  }
}

/** Of one sink of a task. */
export class EpochWriter<E> {
  readonly #epochs: StagedEpochs<E>
  /** Of what this sink has prepared and not committed. */
  readonly #receipts = new Map<number, Uint8Array>()
  #open: E

  constructor(epochs: StagedEpochs<E>) {
    this.#epochs = epochs
    this.#open = epochs.make()
  }

  /** The epoch being written. */
  get open(): E {
    return this.#open
  }

  prepare(epoch: number): Uint8Array {
    const receipt = this.#epochs.add(epoch, this.#open)
    this.#receipts.set(epoch, receipt)
    this.#open = this.#epochs.make()
    return receipt
  }

  /** What is to be made visible; undefined when it is already. @throws SINK_FAILED */
  commit(epoch: number, receipt: Receipt): E | undefined {
    this.#receipts.delete(epoch)
    return this.#epochs.take(epoch, receipt)
  }

  /** Drops what was written since the last prepared epoch, and that epoch when it is this one. */
  abort(epoch: number): void {
    this.#epochs.drop(this.#receipts.get(epoch) ?? null)
    this.#receipts.delete(epoch)
    this.#open = this.#epochs.make()
  }

  /** What is to be made visible. Later epochs stay: they may be the next owner's. */
  recover(receipts: Parameters<Sink['recover']>[0]): E[] {
    return receipts.flatMap(({ epoch, receipt }) => {
      const staged = this.commit(epoch, receipt)
      this.#epochs.dropBefore(epoch)
      return staged === undefined ? [] : [staged]
    })
  }
}

function textOf(receipt: Receipt): string {
  return receipt === null ? '' : Buffer.from(receipt).toString()
}
