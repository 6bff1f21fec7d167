import type { MillraceError } from '../errors.ts'
import { deadLetterHeaders } from '../record/format/dead-letter-headers.ts'
import type { PlainRecord } from '../record/plain-record.ts'
import type { OutgoingRecords } from '../transport/raw-records.ts'
import { RawRecordsBuilder } from '../transport/raw-records-builder.ts'

/** One record as it failed, with what happened to it in its headers, on its way to `topic`. */
export function deadLetterOf(
  { key, value, timestamp, headers }: PlainRecord,
  error: MillraceError,
  topic: string,
  application: string,
): OutgoingRecords {
  const records = new RawRecordsBuilder()
  records.append(key, value, timestamp, deadLetterHeaders(headers, error, application))
  return { ...records.build(), topic, partitions: null }
}
