import { Heap } from '../util/heap.ts'

/** The numbers of the buckets that there are: the smallest and the greatest are at hand. */
export class BucketOrder {
  readonly #up: LazyHeap
  readonly #down: LazyHeap

  /** @param has whether a bucket that was added is still there. */
  constructor(has: (bucket: number) => boolean) {
    this.#up = new LazyHeap((left, right) => left < right, has)
    this.#down = new LazyHeap((left, right) => left > right, has)
  }

  add(bucket: number): void {
    this.#up.add(bucket)
    this.#down.add(bucket)
  }

  smallest(): number | undefined {
    return this.#up.first()
  }

  greatest(): number | undefined {
    return this.#down.first()
  }
}

const HEAP_SIZE_MIN = 1_000

/**
 * A heap of distinct numbers; what is gone leaves it when it comes to the top, or when there may be
 * more of it than of what is there.
 */
class LazyHeap {
  #heap: Heap<number>
  #queued = new Set<number>()
  #sizeMax = HEAP_SIZE_MIN
  readonly #isBefore: (left: number, right: number) => boolean
  readonly #has: (bucket: number) => boolean

  constructor(isBefore: (left: number, right: number) => boolean, has: (n: number) => boolean) {
    this.#heap = new Heap(isBefore)
    this.#isBefore = isBefore
    this.#has = has
  }

  add(bucket: number): void {
    if (this.#queued.has(bucket)) return
    this.#queued.add(bucket)
    this.#heap.push(bucket)
    if (this.#heap.size > this.#sizeMax) this.#clean()
  }

  #clean(): void {
    this.#heap = new Heap(this.#isBefore)
    this.#queued = new Set([...this.#queued].filter(this.#has))
    for (const bucket of this.#queued) this.#heap.push(bucket)
    this.#sizeMax = Math.max(HEAP_SIZE_MIN, 2 * this.#heap.size)
  }

  first(): number | undefined {
    for (;;) {
      const bucket = this.#heap.peek()
      if (bucket === undefined || this.#has(bucket)) return bucket
      this.#heap.pop()
      this.#queued.delete(bucket)
    }
  }
}
