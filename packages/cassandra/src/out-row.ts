import type { Batch } from '@millrace/core'
import type { Bytes } from './row-binder.ts'

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

/** A statement with its values, as the driver takes it, and where it came from. */
export class OutRow {
  readonly query: string
  readonly params: readonly Bytes[]
  /** Of its values. */
  readonly size: number
  /** Bytes of its partition key, as latin1: rows of equal keys are ordered, and sent together. */
  readonly key: string
  readonly owner: RowOwner
  readonly batch: Batch
  readonly index: number

  constructor(
    query: string,
    values: { readonly params: readonly Bytes[]; readonly size: number; readonly key: string },
    from: { readonly owner: RowOwner; readonly batch: Batch; readonly index: number },
  ) {
    this.query = query
    this.params = values.params
    this.size = values.size
    this.key = values.key
    this.owner = from.owner
    this.batch = from.batch
    this.index = from.index
  }
}
