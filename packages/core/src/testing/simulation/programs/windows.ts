/** Windows by arithmetic: what programs must come to. Knows nothing of tasks, epochs or brokers. */
import { DISORDER, GRACE, type Sale, SIZE } from './sale.ts'

export interface Amount {
  readonly who: string
  readonly amount: number
  readonly timestamp: number
}

export interface Window {
  readonly who: string
  readonly start: number
  readonly n: number
  readonly total: number
  /** Greatest event time in it. */
  readonly timestamp: number
}

function startOf(timestamp: number, size: number): number {
  return Math.floor(timestamp / size) * size
}

/** Tumbling windows per `who`. */
export function windowsOf(amounts: readonly Amount[], size: number): Window[] {
  const windows = new Map<string, Window>()
  for (const { who, amount, timestamp } of amounts) {
    const start = startOf(timestamp, size)
    const before = windows.get(`${who}@${start}`)
    windows.set(`${who}@${start}`, {
      who,
      start,
      n: (before?.n ?? 0) + 1,
      total: (before?.total ?? 0) + amount,
      timestamp: Math.max(before?.timestamp ?? timestamp, timestamp),
    })
  }
  return [...windows.values()]
}

/** By user and window start, of the windows that end at `horizon` or before. */
export function shown(
  windows: readonly Window[],
  size: number,
  horizon: number,
): Map<string, string> {
  const closed = windows.filter(({ start }) => start + size <= horizon)
  return new Map(closed.map(({ who, start, n, total }) => [`${who}@${start}`, `${n}/${total}`]))
}

/** Ids of the records behind the watermark of their own partition: late whatever the clock says. */
export function lateOf(sales: readonly Sale[]): Set<number> {
  const late = new Set<number>()
  const reached = new Map<number, number>()
  for (const { id, partition, timestamp } of sales) {
    const watermark = reached.get(partition) ?? Number.NEGATIVE_INFINITY
    reached.set(partition, Math.max(watermark, timestamp - DISORDER))
    if (startOf(timestamp, SIZE) + SIZE + GRACE <= watermark) late.add(id)
  }
  return late
}
