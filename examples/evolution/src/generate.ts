/** The data: orders of four versions, the same ones each time. */

export interface Order {
  readonly id: string
  /** Epoch milliseconds. */
  readonly placed_at: number
  readonly buyer: string
  readonly cents: number
  readonly currency: string
  readonly state: string
  readonly note: string | null
}

const START = Date.UTC(2026, 0, 5)
const STATES = ['PLACED', 'PAID', 'PAID', 'REFUNDED']
const CURRENCIES = ['EUR', 'EUR', 'USD', 'NOK']

/** What happened, whatever of it a version can say. */
export function generateOrders(version: number, count: number): Order[] {
  const random = lehmer(20_260_100 + version)
  const one = <T>(of: readonly T[]): T => of[Math.floor(random() * of.length)] as T
  return Array.from({ length: count }, (_, nth) => ({
    id: `v${version}-${nth}`,
    placed_at: START + (version * count + nth) * 1_000,
    buyer: `c${Math.floor(random() * 50)}`,
    // From version 2 on amounts may be larger than an int.
    cents: Math.floor(random() ** 5 * (version === 1 ? 2 ** 31 : 2 ** 40)),
    currency: one(CURRENCIES),
    state: one(STATES),
    note: random() < 0.1 ? 'gift “wrap” – thanks' : null,
  }))
}

/** The row that a producer of a version writes. */
export function rowOf(version: number, order: Order): object {
  const { id, placed_at, buyer, cents, currency, note } = order
  if (version === 1) return { id, placed_at, customer: buyer, cents }
  if (version === 2) return { id, placed_at, customer: buyer, cents, currency }
  const known = order.state === 'REFUNDED' && version === 3 ? 'PAID' : order.state
  const row = { id, placed_at, buyer, cents, currency, state: known }
  return version === 3 ? row : { ...row, note }
}

/** Park and Miller's generator: numbers from 0 to 1 (not in), the same for a seed. */
function lehmer(seed: number): () => number {
  let state = seed % 2_147_483_647
  return () => {
    state = (state * 48_271) % 2_147_483_647
    return (state - 1) / 2_147_483_646
  }
}
