/**
 * Latencies of one run in the order in which records were due: their figures, and stalls.
 *
 * A stall is told with what was seen in the same time in processes of ours: that is no proof, and
 * what happened in the broker or in another program is not seen.
 */
import { quantile } from '../figures.ts'
import type { Happening } from './watch.ts'

/** What took longer is told of. */
export const STALL_US = 10_000
/** Stalls that are less apart are one. */
const APART_US = 20_000
const CAUSES_SHOWN = 5

export interface Latencies {
  readonly count: number
  readonly missing: number
  readonly p50Us: number
  readonly p99Us: number
  readonly p999Us: number
  readonly maxUs: number
  readonly stalls: readonly Stall[]
}

/** Records in a row that took longer than `STALL_US`. */
export interface Stall {
  /** When the first of them was due, microseconds after the beginning. */
  readonly fromUs: number
  /** When the last of them had come. */
  readonly untilUs: number
  readonly records: number
  readonly maxUs: number
}

/** One record that was expected. `tookUs` NaN: it did not come. */
export interface Arrival {
  readonly dueUs: number
  readonly tookUs: number
}

/** @param arrivals in the order in which they were due. */
export function latenciesOf(arrivals: readonly Arrival[]): Latencies {
  const took = arrivals.map(({ tookUs }) => tookUs).filter(us => !Number.isNaN(us))
  return {
    count: took.length,
    missing: arrivals.length - took.length,
    p50Us: quantile(took, 0.5),
    p99Us: quantile(took, 0.99),
    p999Us: quantile(took, 0.999),
    maxUs: took.reduce((most, us) => Math.max(most, us), 0),
    stalls: stallsOf(arrivals),
  }
}

function stallsOf(arrivals: readonly Arrival[]): Stall[] {
  const stalls: Stall[] = []
  for (const { dueUs, tookUs } of arrivals) {
    if (!(tookUs > STALL_US)) continue
    const here = { fromUs: dueUs, untilUs: dueUs + tookUs, records: 1, maxUs: tookUs }
    const last = stalls.at(-1)
    if (last === undefined || dueUs - last.untilUs > APART_US) stalls.push(here)
    else stalls[stalls.length - 1] = joined(last, here)
  }
  return stalls
}

function joined(one: Stall, two: Stall): Stall {
  return {
    fromUs: one.fromUs,
    untilUs: Math.max(one.untilUs, two.untilUs),
    records: one.records + two.records,
    maxUs: Math.max(one.maxUs, two.maxUs),
  }
}

/** What happened meanwhile, with its time in all, longest first. */
export function causesOf(stall: Stall, happenings: readonly Happening[]): string {
  const totals = new Map<string, number>()
  for (const { who, what, fromUs, untilUs } of happenings) {
    if (fromUs >= stall.untilUs || untilUs <= stall.fromUs) continue
    const name = `${who}: ${what}`
    totals.set(name, (totals.get(name) ?? 0) + untilUs - fromUs)
  }
  if (totals.size === 0) return 'nothing seen in our processes'
  const longest = [...totals].sort(([, one], [, two]) => two - one).slice(0, CAUSES_SHOWN)
  return longest.map(([name, us]) => `${name} ${(us / 1000).toFixed(1)} ms`).join('; ')
}
