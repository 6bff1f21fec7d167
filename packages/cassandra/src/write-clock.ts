/**
 * The write time of each record: the µs that Cassandra keeps with every cell, and by which it tells
 * the newer value. One clock per task, so per partition of the input.
 *
 *   write time = max(the one before + 1 µs, event time, cut to `bound`)
 *
 * Writes and deletes of a key are thus ordered as they were in the log, however late they come,
 * and a record that is written again gets no smaller time than before. Proof: let a record be
 * written again after a crash. The clock begins with what the last committed epoch ended with, and
 * an earlier attempt began with the same or less; `bound` was that of a committed epoch, and it
 * never shrinks. By induction each record gets at least its earlier time; so the last operation of
 * a key beats all earlier attempts of those before it, and a tie is only ever with itself.
 *
 * `bound` keeps an event from the far future from pinning the clock there, where writes of others
 * would never be seen: it is the wall time of a commit and `aheadMs`, taken at `prepare`, in force
 * from the commit on, and kept with the epoch.
 */
export interface WriteTimes {
  /** The last one given; -Infinity = none. In µs, whole. */
  readonly last: number
  /** No event time counts for more. */
  readonly bound: number
}

export class WriteClock {
  #last: number
  #bound: number

  constructor({ last, bound }: WriteTimes) {
    this.#last = last
    this.#bound = bound
  }

  /** @param eventMs event time of the record, epoch milliseconds. */
  next(eventMs: number): number {
    const event = Math.min(Math.floor(eventMs * 1_000), this.#bound)
    this.#last = event > this.#last ? event : this.#last + 1
    return this.#last
  }

  get last(): number {
    return this.#last
  }

  /** From a commit on. */
  raiseBound(bound: number): void {
    this.#bound = Math.max(this.#bound, bound)
  }
}

export function boundAt(nowMs: number, aheadMs: number): number {
  return Math.floor((nowMs + aheadMs) * 1_000)
}
