/**
 * Time windows as data and pure arithmetic. A window [start, end) is named by its start; starts are
 * multiples of `stepMs` counted from the epoch. Tumbling: step = size.
 */
import { MillraceError } from '../errors.ts'
import { type Duration, durationMs } from '../util/duration.ts'

export interface TimeWindow {
  readonly kind: 'tumbling'
  readonly sizeMs: number
  readonly stepMs: number
  /** How long after its end, in event time, a window still takes late records. */
  readonly graceMs: number
}

export interface TumblingOptions {
  /** How long after its end, in event time, a window still takes late records. Default 0. */
  readonly grace?: Duration
}

/**
 * Windows of one size, one after the other, without overlap: every record is in exactly one.
 *
 * @example
 * tumbling('10s', { grace: '2s' })
 */
export function tumbling(size: Duration, options: TumblingOptions = {}): TimeWindow {
  const sizeMs = durationMs(size, 'the size of a tumbling window')
  if (sizeMs === 0) {
    throw new MillraceError('INVALID_ARGUMENT', `the size of a tumbling window must be > 0.`)
  }
  const graceMs = durationMs(options.grace ?? 0, 'grace')
  return Object.freeze({ kind: 'tumbling', sizeMs, stepMs: sizeMs, graceMs })
}

/**
 * Start of the last window that holds the timestamp. Earlier ones follow in steps while start +
 * size > timestamp.
 */
export function lastStart(window: TimeWindow, timestamp: number): number {
  return Math.floor(timestamp / window.stepMs) * window.stepMs
}
