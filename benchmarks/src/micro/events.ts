/** Records of the inputs as a fetcher gives them, without a broker. */
import { createHash } from 'node:crypto'
import { type RawBatch, RawRecordsBuilder } from '@millrace/core'

export const BATCH_RECORDS = 4_096
const BASE_MS = 1_750_000_000_000
const RECORDS_PER_MS = 10
const EVENTS = ['click', 'visit', 'order']
/** A prime, so that amounts come in another order each time. */
const STEP = 7_919

/** Values of 134 bytes as in the inputs of the matrix: six fields, spaces, two decimals. */
export function eventBatches(topic: string, batchCount: number, keys: number): RawBatch[] {
  return Array.from({ length: batchCount }, (_, nth) => {
    const builder = new RawRecordsBuilder(BATCH_RECORDS * 160)
    const first = nth * BATCH_RECORDS
    for (let i = first; i < first + BATCH_RECORDS; i++) {
      const { key, value, timestamp } = eventAt(i, keys)
      builder.append(key, value, timestamp)
    }
    return {
      ...builder.build(),
      topic,
      partition: 0,
      offsets: Float64Array.from({ length: BATCH_RECORDS }, (_, i) => first + i),
      nextOffset: first + BATCH_RECORDS,
    }
  })
}

/** Event time of so many batches. */
export function spanMs(batchCount: number): number {
  return (batchCount * BATCH_RECORDS) / RECORDS_PER_MS
}

function eventAt(i: number, keys: number) {
  const timestamp = BASE_MS + Math.floor(i / RECORDS_PER_MS)
  const user = `user_${String(scattered(i) % keys).padStart(7, '0')}`
  const cents = 1_000 + ((i * STEP) % 9_000)
  const page = `/products/${String((i * 31) % 10_000).padStart(4, '0')}`
  const head =
    `{"user_id": "${user}", "event": "${EVENTS[i % 3]}", "amount": ${(cents / 100).toFixed(2)}, ` +
    `"ts": ${timestamp}, "page": "${page}", "session": "`
  const value = `${head}${noise(i).slice(0, 132 - head.length)}"}`
  return { key: Buffer.from(user), value: Buffer.from(value), timestamp }
}

/** A number like no other nearby: users in turn would be found side by side in memory. */
function scattered(i: number): number {
  const once = Math.imul(i ^ (i >>> 16), 0x45d9f3b)
  return Math.imul(once ^ (once >>> 16), 0x45d9f3b) >>> 0
}

/** Digits that do not compress. */
function noise(i: number): string {
  return createHash('sha256').update(String(i)).digest('hex')
}
