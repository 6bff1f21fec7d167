/**
 * What is sent when: 20 records each millisecond, whatever becomes of those before. Record i is
 * always the same, and its timestamp says i, which all systems give to what they make of it.
 */
export const RECORDS_PER_TICK = 20
const TICK_US = 1_000
const TIMESTAMP_MS = 1_750_000_000_000
/** So many values come again and again; a prime step makes every amount of them once. */
const VALUES = 9_000
const STEP = 7_919
/** What passes the pipeline `half`, in cents. */
const CENTS_MIN = 5_500

/** Of sending record `i`, microseconds after the beginning. */
export function dueUs(i: number): number {
  return Math.floor(i / RECORDS_PER_TICK) * TICK_US
}

/** How many records are due by then. */
export function dueCount(sinceUs: number): number {
  return sinceUs < 0 ? 0 : (Math.floor(sinceUs / TICK_US) + 1) * RECORDS_PER_TICK
}

export function recordsIn(seconds: number): number {
  return Math.round((seconds * 1e6) / TICK_US) * RECORDS_PER_TICK
}

export function timestampOf(i: number): number {
  return TIMESTAMP_MS + i
}

/** Negative: sent before the schedule began. */
export function numberOf(timestamp: number): number {
  return timestamp - TIMESTAMP_MS
}

/** It comes out of the pipeline `half`. */
export function passes(i: number): boolean {
  return centsOf(i) >= CENTS_MIN
}

export interface KeyAndValue {
  readonly key: Buffer
  readonly value: Buffer
}

/** Those of all records, record `i` at `i % length`. */
export function values(): readonly KeyAndValue[] {
  return Array.from({ length: VALUES }, (_, i) => {
    const user = `user_${String(i).padStart(7, '0')}`
    const row = {
      user_id: user,
      event: 'click',
      amount: centsOf(i) / 100,
      ts: TIMESTAMP_MS,
      page: `/products/${String(i).padStart(4, '0')}`,
      session: String(Math.imul(i + 1, 2_654_435_761) >>> 0).padStart(20, '0'),
    }
    return { key: Buffer.from(user), value: Buffer.from(JSON.stringify(row)) }
  })
}

function centsOf(i: number): number {
  return 1_000 + ((i * STEP) % VALUES)
}
