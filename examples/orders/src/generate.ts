/**
 * The data: orders of a web shop as lines of JSON, the same ones each time. Some are bad on
 * purpose, in ways that are seen in the wild.
 */

export interface OrderLine {
  /** Key of the record. */
  readonly customer: string
  /** Value of the record: JSON, or what should have been. */
  readonly text: string
  /** Epoch milliseconds. */
  readonly at: number
}

const START = Date.UTC(2026, 0, 5)
const CUSTOMERS = 400
const CURRENCIES = ['EUR', 'EUR', 'EUR', 'USD', 'USD', 'GBP', 'NOK']
const STATES = ['paid', 'paid', 'paid', 'paid', 'cancelled']
/** One order in so many is bad. */
const BAD_EVERY = 150

export function generateOrders(orderCount: number): OrderLine[] {
  const random = lehmer(20_260_105)
  const one = <T>(of: readonly T[]): T => of[Math.floor(random() * of.length)] as T
  let at = START
  return Array.from({ length: orderCount }, (_, nth) => {
    at += 500 + Math.floor(random() * 4_000)
    const customer = `c${Math.floor(random() * CUSTOMERS)}`
    const order = {
      id: `o-${nth + 1}`,
      customer,
      placed_at: new Date(at).toISOString(),
      status: one(STATES),
      currency: one(CURRENCIES),
      quantity: 1 + Math.floor(random() ** 3 * 40),
      unit_cents: 99 + Math.floor(random() ** 2 * 20_000),
      note: random() < 0.1 ? 'gift “wrap” – thanks' : null,
    }
    const isBad = nth % BAD_EVERY === BAD_EVERY - 1
    const text = isBad ? spoilt(order, Math.floor(nth / BAD_EVERY)) : JSON.stringify(order)
    return { customer, text, at }
  })
}

/** Every kind of trouble in turn. */
function spoilt(order: object, turn: number): string {
  const text = JSON.stringify(order)
  const kinds = [
    text.slice(0, -20),
    JSON.stringify({ ...order, quantity: 'two' }),
    JSON.stringify({ ...order, unit_cents: undefined }),
    // The record is fine; a later step does not know the currency.
    JSON.stringify({ ...order, status: 'paid', currency: 'XBT' }),
    `${text}\n${text}`,
  ]
  return kinds[turn % kinds.length] as string
}

/** Park and Miller's generator: numbers from 0 to 1 (not in), the same for a seed. */
function lehmer(seed: number): () => number {
  let state = seed % 2_147_483_647
  return () => {
    state = (state * 48_271) % 2_147_483_647
    return (state - 1) / 2_147_483_646
  }
}
