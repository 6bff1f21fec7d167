import type { Batch } from '@millrace/core'

/** Indices of the selected records of a batch that are no tombstones. */
export function rowIndices(batch: Batch): Int32Array {
  const indices = new Int32Array(batch.count)
  let count = 0
  for (let nth = 0; nth < batch.count; nth++) {
    const index = batch.at(nth)
    if (!batch.isTombstone(index)) indices[count++] = index
  }
  return indices.subarray(0, count)
}
