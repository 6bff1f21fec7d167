/**
 * Time windows as data and pure arithmetic. A window [start, end) is named by its start; starts are
 * multiples of `stepMs` counted from the epoch. Tumbling: step = size.
 */
import { MillraceError } from '../errors.ts'
import { type Duration, durationMs } from '../util/duration.ts'

export interface TimeWindow {
  readonly kind: 'tumbling' | 'hopping'
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

export interface HoppingOptions extends TumblingOptions {
  /** From one start to the next; at most the size. */
  readonly step: Duration
}

/** A record goes into so many windows at most. */
const WINDOWS_MAX = 1_000

/**
 * Windows of one size that begin at every multiple of `step`, so that they overlap: a record is in
 * size / step of them. A record that comes late goes into those that are still open.
 *
 * @throws INVALID_ARGUMENT when the step is 0, greater than the size, or so small that a record
 * would be in more than 1,000 windows.
 * @example
 * hopping('10s', { step: '1s', grace: '2s' })
 */
export function hopping(size: Duration, options: HoppingOptions): TimeWindow {
  const sizeMs = durationMs(size, 'the size of a hopping window')
  const stepMs = durationMs(options.step, 'the step of a hopping window')
  if (stepMs === 0 || stepMs > sizeMs) {
    throw new MillraceError(
      'INVALID_ARGUMENT',
      `the step of a hopping window must be > 0 and at most its size; got a step of ${stepMs} ms ` +
        `and a size of ${sizeMs} ms.`,
    )
  }
  if (sizeMs / stepMs > WINDOWS_MAX) {
    throw new MillraceError(
      'INVALID_ARGUMENT',
      `a record would be in ${Math.ceil(sizeMs / stepMs)} windows; at most ${WINDOWS_MAX}. ` +
        'Take a longer step.',
    )
  }
  const graceMs = durationMs(options.grace ?? 0, 'grace')
  return Object.freeze({ kind: 'hopping', sizeMs, stepMs, graceMs })
}

/**
 * Start of the last window that holds the timestamp. Earlier ones follow in steps while start +
 * size > timestamp.
 */
export function lastStart(window: TimeWindow, timestamp: number): number {
  return Math.floor(timestamp / window.stepMs) * window.stepMs
}
