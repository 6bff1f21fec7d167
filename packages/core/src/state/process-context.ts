/**
 * What the functions of a `process` step are given beside their row or timer: the key, time, the
 * key's state, its timers, and a way to give rows out.
 *
 * All of it belongs to one key and one call: used later, it throws.
 */
import type { Duration } from '../util/duration.ts'
import type { StateHandles } from './state-declaration.ts'

/** A timer that has come due. */
export interface Timer {
  readonly name: string
  /** The time it was set for: event time, or wall time. */
  readonly at: number
  readonly kind: 'event' | 'wall'
}

/** The timers of a key. A name is one timer, whatever its kind; setting it again moves it. */
export interface Timers {
  /**
   * Fires when event time has reached `at` (epoch milliseconds); at once after this call, when it
   * has already.
   * @throws STATE_TOO_LARGE beyond 100 timers of a key.
   */
  event(name: string, at: number): void
  /** Fires when `after` has passed on the wall, counted from the next commit. */
  wall(name: string, after: Duration): void
  cancel(name: string): void
}

/** @typeParam Key the columns the step is keyed by. */
export interface ProcessContext<Key, State, Out> {
  /** The columns of the key; empty when records are keyed by the bytes of their key alone. */
  readonly key: Readonly<Key>
  /** The key as it is written to the key of the rows that are given out. */
  readonly keyBytes: Uint8Array
  /** Event time of the record, or the time of the timer. */
  readonly timestamp: number
  /** How far event time has come; -Infinity before anything is known. */
  readonly watermark: number
  /** The record is older than the watermark of its own source partition was. */
  readonly isLate: boolean
  readonly state: StateHandles<State>
  readonly timers: Timers
  /** Gives a row out. Columns of the key may be left out. */
  readonly emit: (row: Emitted<Out, Key>) => void
}

/** A row to give out, in which the columns of the key need not be. */
export type Emitted<Out, Key> = Omit<Out, keyof Key> & Partial<Pick<Out, keyof Key & keyof Out>>
