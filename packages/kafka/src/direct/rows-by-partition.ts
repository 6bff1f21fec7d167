/** The rows of a write, put together by the partition that each goes to, in their order. */
import { type OutgoingRecords, partitionOfKey } from '@millrace/core'

export interface RowsByPartition {
  /** Numbers of records: those of partition 0, then those of 1, … */
  readonly rows: Int32Array
  /** Behind which of `rows` those of each partition end. */
  readonly ends: Int32Array
  /** The first record of a partition that there is not; it and all behind it are not in `rows`. */
  readonly stranger: { readonly row: number; readonly partition: number } | null
}

/**
 * @param count of partitions
 * @param keyless partition of records without a key
 */
export function rowsByPartition(
  records: OutgoingRecords,
  count: number,
  keyless: number,
): RowsByPartition {
  const ends = new Int32Array(count)
  const { partitions } = records
  if (count === 1 && partitions === null) {
    const rows = new Int32Array(records.count)
    for (let row = 0; row < rows.length; row++) rows[row] = row
    ends[0] = rows.length
    return { rows, ends, stranger: null }
  }
  const numbers = partitions ?? byKey(records, count, keyless)
  let known = 0
  for (; known < records.count; known++) {
    const number = numbers[known] as number
    if (number < 0 || number >= count) break
    ends[number]!++
  }
  // From how many there are of each, to where each begins, to where it ends.
  let from = 0
  for (let number = 0; number < count; number++) {
    const size = ends[number] as number
    ends[number] = from
    from += size
  }
  const rows = new Int32Array(known)
  for (let row = 0; row < known; row++) rows[ends[numbers[row] as number]!++] = row
  const isKnown = known === records.count
  const stranger = isKnown ? null : { row: known, partition: numbers[known] as number }
  return { rows, ends, stranger }
}

function byKey(records: OutgoingRecords, count: number, keyless: number): Int32Array {
  const { data, keyStart, keySize } = records
  const numbers = new Int32Array(records.count)
  for (let row = 0; row < numbers.length; row++) {
    const size = keySize[row] as number
    const start = keyStart[row] as number
    numbers[row] = size < 0 ? keyless : partitionOfKey(data, start, size, count)
  }
  return numbers
}
