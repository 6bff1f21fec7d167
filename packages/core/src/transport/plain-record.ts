import type { PlainRecord } from '../record/plain-record.ts'
import type { RawRecords } from './raw-records.ts'
import { decodeHeaders } from './record-headers.ts'

/** Record `index` as an object; its bytes are views into `raw.data`. */
export function plainRecord(raw: RawRecords, index: number): PlainRecord {
  return {
    key: range(raw.data, raw.keyStart[index] as number, raw.keySize[index] as number),
    value: range(raw.data, raw.valueStart[index] as number, raw.valueSize[index] as number),
    timestamp: raw.timestamps[index] as number,
    headers: decodeHeaders(raw, index),
  }
}

function range(data: Buffer, start: number, size: number): Buffer | null {
  return size < 0 ? null : data.subarray(start, start + size)
}
