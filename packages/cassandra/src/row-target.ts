import type { Batch, MillraceError, SinkContext } from '@millrace/core'
import type { Dispatcher } from './dispatcher.ts'
import type { OutRow, RowOwner } from './out-row.ts'

/**
 * The row that a record becomes; null = none.
 * @param time its write time, which grows along its partition
 * @throws MillraceError where it cannot become one
 */
export type RowMaker = (index: number, time: number) => OutRow | null

/** A table or a query that records are written to, open. Shared by the tasks of a process. */
export interface RowTarget {
  readonly dispatcher: Dispatcher
  /** Why nothing will be written any more. */
  readonly failure: MillraceError | null
  readonly writeTimeAheadMs: number
  /** What a condition keeps out is an error of its record. */
  readonly refusesNotApplied: boolean
  rowMaker(batch: Batch, owner: RowOwner, context: Pick<SinkContext, 'key'>): RowMaker
}

/** All that the records of a step are written to. */
export interface RowTargets {
  readonly targets: readonly RowTarget[]
  /**
   * Which of the targets a record is for; null = it is for all of them.
   * @throws MillraceError where it is for none
   */
  readonly chooser: ((batch: Batch) => (index: number) => number) | null
}
