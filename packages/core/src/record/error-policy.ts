/**
 * What happens to a record that fails in a step or cannot be decoded: `fail()` stops the run with
 * the error, `skip()` drops the record, `deadLetter(topic)` (`api/dead-letter.ts`) writes it to a
 * topic. Both are counted and logged (rate-limited); nothing is dropped without being counted.
 */
import type { TopicCreation } from './topic-creation.ts'

export type ErrorPolicy =
  | { readonly kind: 'fail' }
  | { readonly kind: 'skip' }
  | { readonly kind: 'dead-letter'; readonly topic: DeadLetterTopic }

/** Where dead letters are written. */
export interface DeadLetterTopic {
  readonly name: string
  /** Null: a missing topic is an error. */
  readonly create: TopicCreation | null
}

/** Stops the run with the error of the record. The default. */
export function fail(): ErrorPolicy {
  return FAIL
}

/** Drops the record, counts it as `records_skipped` and logs it. */
export function skip(): ErrorPolicy {
  return SKIP
}

const FAIL: ErrorPolicy = Object.freeze({ kind: 'fail' })
const SKIP: ErrorPolicy = Object.freeze({ kind: 'skip' })
