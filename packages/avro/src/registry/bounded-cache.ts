/**
 * A cache bounded in entries and bytes: the least used goes first, what is too old is not there. A
 * JavaScript `Map` keeps the order in which keys were set, which is the order of use here.
 */
interface Entry<V> {
  readonly value: V
  readonly bytes: number
  readonly until: number
}

export interface BoundedCacheOptions {
  readonly entriesMax: number
  readonly bytesMax: number
  readonly now: () => number
}

export class BoundedCache<K, V> {
  readonly #options: BoundedCacheOptions
  readonly #entries = new Map<K, Entry<V>>()
  #bytes = 0

  constructor(options: BoundedCacheOptions) {
    this.#options = options
  }

  get size(): number {
    return this.#entries.size
  }

  get(key: K): V | undefined {
    const entry = this.#entries.get(key)
    if (entry === undefined) return undefined
    this.#entries.delete(key)
    if (entry.until <= this.#options.now()) {
      this.#bytes -= entry.bytes
      return undefined
    }
    this.#entries.set(key, entry)
    return entry.value
  }

  /** @param lifeMs Default: for ever. */
  set(key: K, value: V, bytes: number, lifeMs: number = Number.POSITIVE_INFINITY): void {
    this.delete(key)
    const { entriesMax, bytesMax, now } = this.#options
    if (lifeMs <= 0 || bytes > bytesMax) return
    this.#entries.set(key, { value, bytes, until: now() + lifeMs })
    this.#bytes += bytes
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= entriesMax && this.#bytes <= bytesMax) break
      this.delete(oldest)
    }
  }

  deleteAll(of: (key: K, value: V) => boolean): void {
    for (const [key, { value }] of this.#entries) if (of(key, value)) this.delete(key)
  }

  delete(key: K): void {
    const entry = this.#entries.get(key)
    if (entry === undefined) return
    this.#entries.delete(key)
    this.#bytes -= entry.bytes
  }
}
