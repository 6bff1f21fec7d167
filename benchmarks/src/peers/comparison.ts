/**
 * How two systems compare: medians, spreads, and when there is no verdict.
 *
 * Rates are compared, not times, and in pairs of one round, so that what else the machine does
 * meets both. Where the rates of either spread too much, nothing is judged.
 */
import { median } from '../figures.ts'

/** Above this spread of either system no verdict is given. */
const SPREAD_MAX = 0.15

/** What one run gave. */
export interface RunFigures {
  readonly records: number
  readonly seconds: number
  /** Of the process tree, as seen from outside. */
  readonly cpuSeconds: number
  readonly rssBytesMax: number
}

export interface Summary {
  readonly runs: number
  /** Records per second, median. */
  readonly rate: number
  /** (greatest rate - least) / median. */
  readonly spread: number
  /** CPU-seconds of the process tree per million records, median. */
  readonly cpuPerMillion: number
  readonly rssBytesMax: number
}

export type Judgement = 'met' | 'missed' | 'no verdict'

export function summaryOf(runs: readonly RunFigures[]): Summary {
  const rates = runs.map(rateOf)
  const rate = median(rates)
  return {
    runs: runs.length,
    rate,
    spread: spreadOf(rates),
    cpuPerMillion: median(runs.map(({ cpuSeconds, records }) => (cpuSeconds * 1e6) / records)),
    rssBytesMax: Math.max(...runs.map(({ rssBytesMax }) => rssBytesMax)),
  }
}

/** (greatest - least) / median */
export function spreadOf(rates: readonly number[]): number {
  return (Math.max(...rates) - Math.min(...rates)) / median(rates)
}

/** Whether figures of these rates are worth a verdict. */
export function isSettled(...systems: readonly (readonly number[])[]): boolean {
  return systems.every(rates => rates.length > 1 && spreadOf(rates) <= SPREAD_MAX)
}

export function rateOf({ records, seconds }: Pick<RunFigures, 'records' | 'seconds'>): number {
  return records / seconds
}

export interface Ratio {
  /** How many times as fast as the peer: median of the pairs of one round. */
  readonly wall: number
  /** How many times less CPU a record takes than the peer's, median of the pairs. */
  readonly cpu: number
  readonly ours: Summary
  readonly peer: Summary
  /** Spread of both is within `SPREAD_MAX`, and there is more than one run. */
  readonly isSettled: boolean
}

/** @param ours, peer runs of the same rounds, in their order; a surplus of either is left out. */
export function ratioOf(ours: readonly RunFigures[], peer: readonly RunFigures[]): Ratio {
  const count = Math.min(ours.length, peer.length)
  const [mine, others] = [ours.slice(0, count), peer.slice(0, count)]
  const pairs = mine.map((run, i) => [run, others[i] as RunFigures] as const)
  return {
    wall: median(pairs.map(([run, other]) => rateOf(run) / rateOf(other))),
    cpu: median(pairs.map(([run, other]) => cpuOf(other) / cpuOf(run))),
    ours: summaryOf(mine),
    peer: summaryOf(others),
    isSettled: isSettled(mine.map(rateOf), others.map(rateOf)),
  }
}

function cpuOf({ cpuSeconds, records }: RunFigures): number {
  return cpuSeconds / records
}

export function judged(isSettled: boolean, isReached: boolean): Judgement {
  if (!isSettled) return 'no verdict'
  return isReached ? 'met' : 'missed'
}
