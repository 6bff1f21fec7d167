/**
 * Random numbers that are the same in each run: Mulberry32. Gives numbers from 0 up to, not
 * including, 1.
 */
export function seededRandom(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let bits = Math.imul(state ^ (state >>> 15), 1 | state)
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits
    return ((bits ^ (bits >>> 14)) >>> 0) / 0x1_0000_0000
  }
}

/** A whole number from 0 up to, not including, `limit`. */
export function below(random: () => number, limit: number): number {
  return Math.floor(random() * limit)
}

/** The items in a random order; the array itself stays as it is. */
export function shuffled<T>(random: () => number, items: readonly T[]): T[] {
  const result = items.slice()
  for (let i = result.length - 1; i > 0; i--) {
    const j = below(random, i + 1)
    const moved = result[i] as T
    result[i] = result[j] as T
    result[j] = moved
  }
  return result
}
