/** The buckets of a store that are in memory, by their numbers. */
import { BucketOrder } from './bucket-order.ts'
import { type Bucket, newBucket } from './slot-index.ts'

export class Buckets {
  readonly #buckets = new Map<number, Bucket>()
  /** Of those that have entries, or of which the space may have some. */
  readonly order: BucketOrder = new BucketOrder(number => {
    const bucket = this.#buckets.get(number)
    return bucket !== undefined && (bucket.live > 0 || !bucket.isWhole)
  })

  at(number: number): Bucket | undefined {
    return this.#buckets.get(number)
  }

  add(number: number, isWhole: boolean): Bucket {
    const bucket = newBucket(number, isWhole)
    this.#buckets.set(number, bucket)
    if (!isWhole) this.order.add(number)
    return bucket
  }

  /** Does nothing where another one has taken its place. */
  remove(bucket: Bucket): void {
    if (this.#buckets.get(bucket.bucket) === bucket) this.#buckets.delete(bucket.bucket)
  }

  /** Removes one of which nothing is known any more. */
  removeEmpty(bucket: Bucket): void {
    if (bucket.size === 0 && bucket.isWhole) this.remove(bucket)
  }

  clear(): void {
    this.#buckets.clear()
  }
}
