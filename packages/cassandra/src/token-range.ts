/**
 * Ranges of the ring of tokens: the hash of a partition key says where a partition is, from -2^63
 * to 2^63 - 1. The first of these has no partition (the partitioner gives it to nobody).
 */
export interface TokenRange {
  /** Not in it. */
  readonly after: bigint
  /** In it. */
  readonly to: bigint
}

const TOKEN_MIN: bigint = -(2n ** 63n)
const TOKEN_MAX: bigint = 2n ** 63n - 1n

export const RING: TokenRange = { after: TOKEN_MIN, to: TOKEN_MAX }

/** So many ranges of nearly equal size, in their order; fewer where there are fewer tokens. */
export function splitRange({ after, to }: TokenRange, count: number): TokenRange[] {
  const size = to - after
  const bound = (nth: number): bigint => after + (size * BigInt(nth)) / BigInt(count)
  return Array.from({ length: count }, (_, nth) => ({
    after: bound(nth),
    to: bound(nth + 1),
  })).filter(range => range.after < range.to)
}
