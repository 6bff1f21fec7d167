/** Whether a series of sizes grows. */
import { median } from '../figures.ts'

export interface Size {
  readonly atMs: number
  readonly bytes: number
}

/**
 * Bytes per minute: between the median of the first third and that of the last, so that single
 * peaks, as of collections of garbage, do not tell. NaN of fewer than three.
 */
export function growthPerMinute(sizes: readonly Size[]): number {
  const third = Math.floor(sizes.length / 3)
  if (third === 0) return Number.NaN
  const [first, last] = [sizes.slice(0, third), sizes.slice(-third)]
  const middle = (part: readonly Size[]): Size => ({
    atMs: median(part.map(({ atMs }) => atMs)),
    bytes: median(part.map(({ bytes }) => bytes)),
  })
  const [from, to] = [middle(first), middle(last)]
  return ((to.bytes - from.bytes) * 60_000) / (to.atMs - from.atMs)
}
