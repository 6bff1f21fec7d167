import type { Headers } from './headers.ts'

/** A record as one object: for tests and for paths where few records pass. */
export interface PlainRecord {
  readonly key: Buffer | null
  readonly value: Buffer | null
  /** Epoch milliseconds. */
  readonly timestamp: number
  readonly headers: Headers
}
