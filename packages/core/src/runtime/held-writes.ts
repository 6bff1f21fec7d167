import type { OutgoingRecords } from '../transport/raw-records.ts'

type Write = (records: OutgoingRecords) => Promise<void> | undefined

/**
 * The way to a producer, with a gate in it: while an epoch is being committed, what the next one
 * writes waits here, in its order.
 */
export class HeldWrites {
  #held: OutgoingRecords[] | null = null
  #bytes = 0

  /** Of the records that wait. */
  get bytes(): number {
    return this.#bytes
  }

  write(records: OutgoingRecords, write: Write): Promise<void> | undefined {
    if (this.#held === null) return write(records)
    this.#held.push(records)
    this.#bytes += records.data.length
    return undefined
  }

  hold(): void {
    this.#held ??= []
  }

  /** Opens the gate. Records that the producer has no room for wait there, in their order. */
  release(write: Write): void {
    const held = this.#held ?? []
    this.drop()
    for (const records of held) write(records)?.catch(() => {})
  }

  /** Forgets what waits, and opens the gate. */
  drop(): void {
    this.#held = null
    this.#bytes = 0
  }
}
