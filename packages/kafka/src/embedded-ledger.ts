/**
 * What was written to each partition of the embedded broker, so that nothing is written that would
 * make it drop its oldest records (it does so silently).
 *
 * Its limits count stored bytes, which are batches of records as the client makes them. A batch is
 * closed when it is full or its first record is `linger.ms` old, so records written within less
 * than that share one, and a bound on the overhead is known without seeing a batch.
 */
import { MillraceError } from '@millrace/core'

export const PARTITION_BYTES_MAX: number = 5 * 1024 * 1024
const PARTITION_RECORDS_MAX = 100_000

/** Header of a stored batch. */
const BATCH_BYTES = 61
/** Sizes, deltas and counts of a stored record, at their longest. */
const RECORD_BYTES = 21

interface Stored {
  bytes: number
  records: number
}

export class EmbeddedLedger {
  readonly #stored = new Map<string, Stored>()

  /**
   * Notes a record, unless there is no room for it.
   * @param bytes of key, value and headers
   */
  admits(topic: string, partition: number, bytes: number, opensBatch: boolean): boolean {
    const name = `${topic}/${partition}`
    let stored = this.#stored.get(name)
    if (stored === undefined) {
      stored = { bytes: 0, records: 0 }
      this.#stored.set(name, stored)
    }
    const added = bytes + RECORD_BYTES + (opensBatch ? BATCH_BYTES : 0)
    if (stored.bytes + added > PARTITION_BYTES_MAX) return false
    if (stored.records >= PARTITION_RECORDS_MAX) return false
    stored.bytes += added
    stored.records++
    return true
  }

  clear(): void {
    this.#stored.clear()
  }
}

export function embeddedFull(topic: string, partition: number, what: string): MillraceError {
  const megabytes = PARTITION_BYTES_MAX / 1024 / 1024
  return new MillraceError(
    'EMBEDDED_BROKER_FULL',
    `${what} The embedded broker holds ${megabytes} MB or ` +
      `${PARTITION_RECORDS_MAX.toLocaleString('en')} records a partition, and drops the oldest ` +
      "beyond that. Use a real broker: kafka({ 'bootstrap.servers': … }).",
    { topic, partition },
  )
}
