/** How two systems compare: medians, spreads, and when there is no verdict. */
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
    spread: (Math.max(...rates) - Math.min(...rates)) / rate,
    cpuPerMillion: median(runs.map(({ cpuSeconds, records }) => (cpuSeconds * 1e6) / records)),
    rssBytesMax: Math.max(...runs.map(({ rssBytesMax }) => rssBytesMax)),
  }
}

export function rateOf({ records, seconds }: RunFigures): number {
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
  const pairs = ours.slice(0, count).map((run, i) => [run, peer[i] as RunFigures] as const)
  const left = summaryOf(ours.slice(0, count))
  const right = summaryOf(peer.slice(0, count))
  return {
    wall: median(pairs.map(([mine, other]) => rateOf(mine) / rateOf(other))),
    cpu: median(pairs.map(([mine, other]) => cpuOf(other) / cpuOf(mine))),
    ours: left,
    peer: right,
    isSettled: count > 1 && Math.max(left.spread, right.spread) <= SPREAD_MAX,
  }
}

function cpuOf({ cpuSeconds, records }: RunFigures): number {
  return cpuSeconds / records
}

export function judged(isSettled: boolean, isReached: boolean): Judgement {
  if (!isSettled) return 'no verdict'
  return isReached ? 'met' : 'missed'
}
