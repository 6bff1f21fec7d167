/**
 * A row on its way: its statement, its values, and where it came from.
 *
 * Thousands wait at a time, so it is small: what rows of a batch have in common is one object, and
 * the values are bytes in a slab until the row is sent.
 */
import type { Batch } from '@millrace/core'
import { types } from 'cassandra-driver'
import { copyBytes, cutValues, type Slab } from './slab.ts'

/** Bytes of a value, null, or `types.unset`: no change. */
export type Bytes = Buffer | null | typeof types.unset

/** Who wrote a row: is told what became of it. */
export interface RowOwner {
  /** False: what was not sent yet is not sent any more. */
  readonly isOpen: boolean
  /** The server has it. */
  acknowledged(row: OutRow): void
  /** The server will never take it. */
  refused(row: OutRow, error: unknown): void
  /** A condition kept it out. */
  notApplied(row: OutRow): void
}

/** What rows of one batch and one statement have in common. */
export interface RowOrigin {
  readonly query: string
  /** Which values are the partition key, in its order. */
  readonly keyAt: readonly number[]
  /** Of each row, beside its values: what a server adds to them. */
  readonly weight: number
  readonly owner: RowOwner
  readonly batch: Batch
}

export class OutRow {
  readonly origin: RowOrigin
  readonly index: number
  /** Of its values, as they stand in a request. */
  readonly size: number
  readonly #bytes: Buffer
  readonly #start: number

  /** Takes the row that was begun in the slab, and ends it. */
  constructor(origin: RowOrigin, index: number, slab: Slab) {
    this.origin = origin
    this.index = index
    this.#bytes = slab.bytes
    this.#start = slab.start
    this.size = slab.size
    slab.end()
  }

  get owner(): RowOwner {
    return this.origin.owner
  }

  /** Its CQL. */
  get query(): string {
    return this.origin.query
  }

  /** How large a server takes it to be, at most. */
  get weight(): number {
    return this.size + this.origin.weight
  }

  /** The values, each a piece of the slab. */
  get params(): Bytes[] {
    return cutValues(this.#bytes, this.#start, this.size, types.unset)
  }

  /** Copies the values as they stand in a request; gives where they end. */
  writeTo(frame: Buffer, at: number): number {
    return copyBytes(this.#bytes, this.#start, this.size, frame, at)
  }

  /**
   * Its partition key as a server hashes it, as latin1: rows of equal keys are ordered, and sent
   * together.
   */
  key(): string {
    const { keyAt } = this.origin
    if (keyAt.length === 1) {
      const at = this.#valueAt(keyAt[0] as number)
      return this.#bytes.toString('latin1', at, at + this.#bytes.readInt32BE(at - 4))
    }
    let text = ''
    for (const nth of keyAt) {
      const at = this.#valueAt(nth)
      const size = this.#bytes.readInt32BE(at - 4)
      const sizeText = String.fromCharCode((size >> 8) & 0xff, size & 0xff)
      text += `${sizeText}${this.#bytes.toString('latin1', at, at + size)}\0`
    }
    return text
  }

  #valueAt(nth: number): number {
    const bytes = this.#bytes
    let at = this.#start + 4
    for (let i = 0; i < nth; i++) at += 4 + Math.max(bytes.readInt32BE(at - 4), 0)
    return at
  }
}
