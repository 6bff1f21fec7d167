/**
 * The results computed again by code that shares nothing with the pipeline: a plain loop over what
 * happened, with what each version left out put in by hand.
 */
import type { Order } from './generate.ts'

/** Rows of the pipeline's output as `id buyer cents currency state`. */
export function recompute(version: number, orders: readonly Order[]): string[] {
  const lines: string[] = []
  for (const { id, buyer, cents, currency, state } of orders) {
    const hasState = version >= 3
    const written = version === 3 && state === 'REFUNDED' ? 'PAID' : state
    const known = written === 'REFUNDED' ? 'UNKNOWN' : written
    const shown = hasState ? known : 'PLACED'
    if (cents < 100_000) continue
    lines.push(`${id} ${buyer} ${cents} ${version === 1 ? 'EUR' : currency} ${shown}`)
  }
  return lines
}
