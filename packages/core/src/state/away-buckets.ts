/**
 * The buckets of a store that the space may have and memory has not.
 *
 * A range that is never too small: what is in it has to be asked for. Buckets that were taken out
 * are still in the space until the epoch is kept, and do not count.
 */
export class AwayBuckets {
  #range: { first: number; last: number } | null = null
  /** Taken out in this epoch, and in the sealed one. */
  #taken = new Set<number>()
  #takenSealed = new Set<number>()

  get first(): number | undefined {
    return this.#range?.first
  }

  get last(): number | undefined {
    return this.#range?.last
  }

  has(bucket: number): boolean {
    if (this.#range === null || bucket < this.#range.first || bucket > this.#range.last)
      return false
    return !this.isTaken(bucket)
  }

  /** What the space still has of it is gone. */
  isTaken(bucket: number): boolean {
    return this.#taken.has(bucket) || this.#takenSealed.has(bucket)
  }

  /** The space has something of it. */
  add(bucket: number): void {
    const { first = bucket, last = bucket } = this.#range ?? {}
    this.#range = { first: Math.min(first, bucket), last: Math.max(last, bucket) }
  }

  /** All of it was taken out. What comes next is not known: it is looked for when it is due. */
  take(bucket: number): void {
    this.#taken.add(bucket)
    const range = this.#range
    if (range?.first === bucket) range.first++
    if (range !== null && range.first > range.last) this.#range = null
  }

  /** Looks for what comes after a bucket that was taken out. @param next the next one it has */
  async passed(
    bucket: number,
    next: (after: number) => Promise<number | undefined>,
  ): Promise<void> {
    this.#taken.add(bucket)
    if (this.#range === null || this.#range.first > bucket) return
    for (let after = bucket; ; ) {
      const found = await next(after)
      if (found === undefined || found > this.#range.last) {
        this.#range = null
        return
      }
      after = found
      if (this.isTaken(found)) continue
      this.#range.first = found
      return
    }
  }

  seal(): void {
    this.#takenSealed = this.#taken
    this.#taken = new Set()
  }

  kept(): void {
    this.#takenSealed = new Set()
  }
}
