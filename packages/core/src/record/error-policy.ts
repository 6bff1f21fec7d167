/**
 * What happens to a record that fails in a step or cannot be decoded: `fail()` stops the run with
 * the error, `skip()` drops the record, counts it and logs it (rate-limited). Nothing is dropped
 * without being counted.
 */
export interface ErrorPolicy {
  readonly kind: 'fail' | 'skip'
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
