/** Ten rows of each partition, spread over the input as a stream has them. */
export interface Purchase {
  readonly user: string
  readonly at: number
  readonly amount: number
  readonly note: string
}

export const COLUMNS = 'user text, at timestamp, amount double, note text, PRIMARY KEY (user, at)'
const BASE = 1_750_000_000_000
const ROWS_PER_USER = 10
/** So many users at a time are about. */
const ABOUT = 500

export function purchases(count: number): Purchase[] {
  return Array.from({ length: count }, (_, i) => {
    const block = Math.floor(i / (ABOUT * ROWS_PER_USER))
    const user = `user-${block * ABOUT + (i % ABOUT)}`
    return { user, at: BASE + i, amount: i / 4, note: `note ${i % 97}` }
  })
}
