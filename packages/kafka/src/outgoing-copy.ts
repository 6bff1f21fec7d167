import { type OutgoingRecords, RawRecordsBuilder } from '@millrace/core'

/** The records from `from` on, in bytes of their own: their writer may use its arrays again. */
export function outgoingCopy(records: OutgoingRecords, from = 0): OutgoingRecords {
  const builder = new RawRecordsBuilder()
  for (let i = from; i < records.count; i++) builder.copyRecord(records, i)
  const partitions = records.partitions?.slice(from) ?? null
  return { ...builder.build(), topic: records.topic, partitions }
}
