import type { Batch } from './batch.ts'
import type { CellValue } from './column.ts'

/**
 * What the clear version makes of one record that generated code does not judge: the cells of the
 * computed columns (none for a filter), or null when the record is left out. It deals with the
 * error of the record itself, and throws what is to stop the run.
 */
export type SlowRecord = (index: number) => readonly CellValue[] | null

/**
 * One or several steps as one loop over the arrays of a batch; equal to the clear version of these
 * steps, record by record.
 *
 * Records that may fail go to `slow`, in their order, so that errors are those of the clear
 * version.
 */
export interface BatchKernel {
  /**
   * The batch behind the steps; null when the clear version has to do it: the columns are not as
   * the plan says, or a record may fail and `slow` is null. Then nothing has happened.
   */
  run(batch: Batch, slow: SlowRecord | null): Batch | null
}
