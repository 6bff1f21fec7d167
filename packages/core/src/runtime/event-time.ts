/**
 * Gives the records of a source batch their event time and their watermark.
 *
 * Event time is the record's timestamp or an expression over its columns. The watermark of a record
 * is that of its own source partition before it, so lateness never depends on how the input was cut
 * or on other partitions. Tombstones have no columns: where event time comes from one, they neither
 * get nor move time; nor do those whose timestamp is of another unit.
 */
import type { Batch } from '../batch/batch.ts'
import { Int64Column } from '../batch/column.ts'
import type { CellReader } from '../operator/cell-reader.ts'
import { eachRecord, type RecordGuard } from '../operator/each-record.ts'
import { epochMs } from '../operator/record-edit.ts'
import { timestampLooksWrong } from '../schema/cell.ts'
import { refuseWrongUnit } from '../schema/wrong-unit.ts'
import type { SourceClock } from './source-clock.ts'

/** @param batch a new one, whose watermarks are written here. */
export function stampEventTime(
  batch: Batch,
  read: CellReader | null,
  clock: SourceClock,
  guard: RecordGuard,
): Batch {
  const times = plainTimes(batch, read)
  return times === null ? stampEach(batch, read, clock, guard) : stampAll(batch, times, clock)
}

/**
 * The event times of a batch in which each record has one and none is refused; null for others.
 * Perf: such batches are stamped without a call or a number made per record.
 */
function plainTimes(batch: Batch, read: CellReader | null): Float64Array | null {
  if (batch.selection !== null || batch.records.tombstones !== null) return null
  if (read === null) {
    const { timestamps } = batch.records
    for (let index = 0; index < timestamps.length; index++) {
      if (timestampLooksWrong(timestamps[index] as number) !== null) return null
    }
    return timestamps
  }
  const column = batch.columns[batch.schema.indexOf(read.column ?? '')]
  const isTime = column instanceof Int64Column && column.type.kind === 'timestamp'
  if (read.column === undefined || !isTime || column.validity !== null) return null
  const times = new Float64Array(batch.length)
  for (let index = 0; index < times.length; index++) times[index] = column.number(index)
  return times
}

function stampAll(batch: Batch, timestamps: Float64Array, clock: SourceClock): Batch {
  const { watermarks } = batch.records
  for (let index = 0; index < timestamps.length; index++) {
    watermarks[index] = clock.watermark
    clock.observe(timestamps[index] as number)
  }
  return batch.with({ records: { ...batch.records, timestamps } })
}

// Clear version:
function stampEach(
  batch: Batch,
  read: CellReader | null,
  clock: SourceClock,
  guard: RecordGuard,
): Batch {
  const timestamps = read === null ? batch.records.timestamps : batch.records.timestamps.slice()
  const { watermarks } = batch.records
  const cellAt = read?.(batch)
  const visit = (index: number): boolean => {
    if (cellAt !== undefined) timestamps[index] = epochMs(cellAt(index))
    else refuseWrongUnit(timestamps[index] as number)
    watermarks[index] = clock.watermark
    clock.observe(timestamps[index] as number)
    return true
  }
  const selection = eachRecord(batch, guard, visit, index => {
    watermarks[index] = clock.watermark
    const timestamp = timestamps[index] as number
    if (cellAt === undefined && timestampLooksWrong(timestamp) === null) clock.observe(timestamp)
  })
  return batch.with({ selection, records: { ...batch.records, timestamps } })
}
