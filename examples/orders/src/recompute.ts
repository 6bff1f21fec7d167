/**
 * The results computed again by code that shares nothing with the pipeline: a plain loop over the
 * lines, without Millrace.
 */
import type { OrderLine } from './generate.ts'

export interface Expected {
  readonly cancelled: number
  /** Orders as `id customer time cents`. */
  readonly large: readonly string[]
  readonly standard: readonly string[]
  /** The lines that are no order with a price, as they are. */
  readonly dead: readonly string[]
}

const PER_MILLE: Readonly<Record<string, number>> = { EUR: 1000, USD: 920, GBP: 1170, NOK: 85 }

export function recompute(lines: readonly OrderLine[]): Expected {
  const large: string[] = []
  const standard: string[] = []
  const dead: string[] = []
  let cancelled = 0
  for (const { text } of lines) {
    const order = parsed(text)
    if (order?.['status'] === 'cancelled' && isWhole(order)) cancelled++
    else {
      const cents = order === null || !isWhole(order) ? Number.NaN : priceOf(order)
      if (Number.isNaN(cents)) dead.push(text)
      else (cents < 100_000 ? standard : large).push(lineOf(order as Fields, cents))
    }
  }
  return { cancelled, large, standard, dead }
}

type Fields = Readonly<Record<string, unknown>>

function parsed(text: string): Fields | null {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

function isWhole({ quantity, unit_cents }: Fields): boolean {
  return typeof quantity === 'number' && typeof unit_cents === 'number'
}

/** NaN for a currency without a rate. */
function priceOf({ quantity, unit_cents, currency }: Fields): number {
  const rate = PER_MILLE[currency as string] ?? Number.NaN
  return Math.round(((quantity as number) * (unit_cents as number) * rate) / 1000)
}

function lineOf({ id, customer, placed_at }: Fields, cents: number): string {
  return `${id} ${customer} ${new Date(placed_at as string).getTime()} ${cents}`
}
