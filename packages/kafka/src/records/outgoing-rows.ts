import type { RawRecords } from '@millrace/core'
import { type RecordWriter, recordWriter } from './record-writer.ts'

/** Records of one write, in the order in which they go into batches. */
export interface OutgoingRows {
  readonly records: RawRecords
  /** Their numbers. */
  readonly rows: Int32Array
  /** That has taken them in, until the next write; null: they are appended one by one. */
  readonly writer: RecordWriter | null
}

export function outgoingRows(
  records: RawRecords,
  rows: Int32Array,
  writer: RecordWriter | null = recordWriter(),
): OutgoingRows {
  return { records, rows, writer: writer?.take(records, rows) === true ? writer : null }
}
