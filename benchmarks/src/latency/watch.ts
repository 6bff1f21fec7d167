/**
 * What held a process of ours up: collections of garbage, and turns of its loop that came late,
 * with the part of that for which it waited for a core (Linux).
 *
 * Times are those of the machine's monotonic clock, which all processes share.
 */
import { readFileSync } from 'node:fs'
import { constants, PerformanceObserver } from 'node:perf_hooks'

export interface Happening {
  readonly who: string
  readonly what: string
  /** By `nowUs`. */
  readonly fromUs: number
  readonly untilUs: number
}

/** The types of Node do not know what entries of this kind have. */
interface GcEntry {
  readonly detail: { readonly kind: number }
}

const TICK_MS = 5
/** Less is not told. */
const LATE_MS_MIN = 4
const GC_MS_MIN = 1
const OFFSET_US = Number(process.hrtime.bigint()) / 1_000 - performance.now() * 1_000

const GC_NAMES: Readonly<Record<number, string>> = {
  [constants.NODE_PERFORMANCE_GC_MAJOR]: 'major gc',
  [constants.NODE_PERFORMANCE_GC_MINOR]: 'minor gc',
  [constants.NODE_PERFORMANCE_GC_INCREMENTAL]: 'incremental gc',
  [constants.NODE_PERFORMANCE_GC_WEAKCB]: 'weak callbacks',
}

/** Microseconds of the monotonic clock. */
export function nowUs(): number {
  return performance.now() * 1_000 + OFFSET_US
}

/** @returns what ends it. */
export function watchProcess(who: string, tell: (happening: Happening) => void): () => void {
  const observer = new PerformanceObserver(list => {
    for (const entry of list.getEntries()) {
      const { startTime, duration } = entry
      if (duration < GC_MS_MIN) continue
      const { kind } = (entry as unknown as GcEntry).detail
      const fromUs = startTime * 1_000 + OFFSET_US
      tell({ who, what: GC_NAMES[kind] ?? 'gc', fromUs, untilUs: fromUs + duration * 1_000 })
    }
  })
  observer.observe({ entryTypes: ['gc'] })
  let before = nowUs()
  let waitedBefore = waitedMs()
  const timer = setInterval(() => {
    const now = nowUs()
    const waited = waitedMs()
    const lateMs = (now - before) / 1_000 - TICK_MS
    if (lateMs >= LATE_MS_MIN) {
      tell({ who, what: 'its loop stood still', fromUs: before, untilUs: now })
      const coreless = Math.min((waited - waitedBefore) * 1_000, now - before)
      if (coreless > 0) {
        tell({ who, what: 'no core was free', fromUs: before, untilUs: before + coreless })
      }
    }
    before = now
    waitedBefore = waited
  }, TICK_MS)
  return () => {
    observer.disconnect()
    clearInterval(timer)
  }
}

/** How long the main thread was ready and had no core; 0 where the system does not say. */
function waitedMs(): number {
  try {
    return Number(readFileSync('/proc/self/schedstat', 'utf8').split(' ')[1]) / 1e6
  } catch {
    return 0
  }
}
