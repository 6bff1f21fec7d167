/**
 * The entries of a store that are in memory, by bucket and key, and what they take there.
 *
 * An entry without a value is gone and hides what the space still has of it, until that is deleted
 * there too. Byte counts are estimates, corrected each time an entry is sealed or loaded.
 */
import { BucketOrder } from './bucket-order.ts'
import type { StateMemory, Trimmed } from './state-memory.ts'

export interface Entry<V> {
  readonly bucket: number
  readonly key: string
  /** Undefined: gone. */
  value: V | undefined
  bytes: number
  /** Differs from what was sealed last. */
  isChanged: boolean
  /** Was sealed and is not in the space yet. */
  isSealed: boolean
  /** Was sealed or loaded: others know of it. */
  isStored: boolean
  /** Was asked for since memory was last short. */
  isUsed: boolean
}

export interface Bucket<V> {
  readonly bucket: number
  readonly entries: Map<string, Entry<V>>
  /** The space has no entry of it that is not in memory. */
  isWhole: boolean
  /** Entries that have a value. */
  live: number
}

/** What a value takes as an object: so much, and so much for each byte of its stored form. */
export interface ValueWeight {
  readonly bytes: number
  readonly perByte: number
}

/**
 * Perf: what an entry takes beside its value and the bytes of its key: its object, its place in the
 * map, the head of its key. Measured on Node 20 with 300,000 entries, as what is left on the heap
 * after a collection: with count 274 to 289 bytes an entry in all, with count and an integer sum
 * 353 to 377, with count and a float sum 546, with the greatest of texts of 1,000 bytes 1,305; keys
 * of 6 bytes. The weights of the codecs make these 359, 444, 452 and 1,362.
 */
const ENTRY_BYTES = 200
const STORED_BYTES_FIRST = 64
/** Of objects nobody has measured. */
const WEIGHT: ValueWeight = { bytes: 64, perByte: 4 }

export class Buckets<V> implements Trimmed {
  readonly order: BucketOrder
  readonly #buckets = new Map<number, Bucket<V>>()
  readonly #memory: StateMemory
  readonly #onGone: (bucket: number) => void
  readonly #weight: ValueWeight
  /** Changed entries, in the order of their first change. */
  #changed: Entry<V>[] = []
  #sealed: Entry<V>[] = []
  #storedBytes = STORED_BYTES_FIRST
  #size = 0

  /** @param onGone told when the last entry of a bucket was evicted. */
  constructor(memory: StateMemory, onGone: (bucket: number) => void, weight: ValueWeight = WEIGHT) {
    this.#memory = memory
    this.#weight = weight
    this.#onGone = onGone
    this.order = new BucketOrder(bucket => isThere(this.#buckets.get(bucket)))
    memory.join(this)
  }

  get size(): number {
    return this.#size
  }

  /** Of the stored form of a value, in the mean of the last ones. */
  get storedBytes(): number {
    return this.#storedBytes
  }

  at(bucket: number): Bucket<V> | undefined {
    return this.#buckets.get(bucket)
  }

  add(bucket: number, isWhole: boolean): Bucket<V> {
    const added = { bucket, entries: new Map(), isWhole, live: 0 }
    this.#buckets.set(bucket, added)
    if (!isWhole) this.order.add(bucket)
    return added
  }

  get(bucket: number, key: string): Entry<V> | undefined {
    const entry = this.#buckets.get(bucket)?.entries.get(key)
    if (entry !== undefined) entry.isUsed = true
    return entry
  }

  set(bucket: Bucket<V>, key: string, value: V): void {
    const entry = bucket.entries.get(key) ?? this.#create(bucket, key)
    if (entry.value === undefined) this.#revive(bucket)
    entry.value = value
    this.#change(entry)
  }

  /** Gives a value that is about to be changed in place; makes one where there is none. */
  changeIn(bucket: Bucket<V>, key: string, make: () => V): V {
    const entry = bucket.entries.get(key) ?? this.#create(bucket, key)
    entry.isUsed = true
    if (entry.value === undefined) {
      this.#revive(bucket)
      entry.value = make()
    }
    if (!entry.isChanged) this.#change(entry)
    return entry.value as V
  }

  /** Takes in what the space has. */
  load(bucket: Bucket<V>, key: string, value: V, storedBytes: number): void {
    const entry = this.#create(bucket, key)
    entry.value = value
    entry.isStored = true
    this.#revive(bucket)
    this.weigh(entry, storedBytes)
  }

  /** Also hides what the space may have under the key, where that is not known. */
  delete(from: Bucket<V>, key: string): void {
    const entry = from.entries.get(key)
    if (entry === undefined && !from.isWhole) this.#change(this.#create(from, key))
    if (entry === undefined || entry.value === undefined) return
    from.live--
    this.#size--
    entry.value = undefined
    if (entry.isStored || !from.isWhole) this.#change(entry)
    else this.#remove(from, entry)
  }

  /** Takes a whole bucket out: its live entries in the order of their keys. */
  take(bucket: number): [key: string, value: V][] {
    const from = this.#buckets.get(bucket)
    if (from === undefined) return []
    this.#buckets.delete(bucket)
    this.#size -= from.live
    const taken: [string, V][] = []
    for (const key of [...from.entries.keys()].sort()) {
      const entry = from.entries.get(key) as Entry<V>
      if (entry.value !== undefined) taken.push([key, entry.value])
      entry.value = undefined
      if (entry.isStored) this.#change(entry)
      else this.#forget(entry)
    }
    return taken
  }

  /** Takes an entry out of memory that others are told of by the caller. */
  discard(entry: Entry<V>): void {
    const from = this.#buckets.get(entry.bucket)
    if (from?.entries.get(entry.key) !== entry) return
    from.entries.delete(entry.key)
    if (entry.value !== undefined) {
      from.live--
      this.#size--
    }
    this.#forget(entry)
  }

  /** Drops a bucket whose entries have been seen to. */
  drop(bucket: number): void {
    const from = this.#buckets.get(bucket)
    if (from === undefined) return
    this.#buckets.delete(bucket)
    this.#size -= from.live
    for (const entry of from.entries.values()) this.#forget(entry)
  }

  *all(): Generator<Entry<V>> {
    for (const { entries } of this.#buckets.values()) yield* entries.values()
  }

  /** What has changed since the last call; what came and went in between is not in it. */
  seal(): Entry<V>[] {
    const sealed: Entry<V>[] = []
    for (const entry of this.#changed) {
      if (!entry.isChanged) continue
      entry.isChanged = false
      const current = this.#buckets.get(entry.bucket)?.entries.get(entry.key)
      const isReplaced = current !== undefined && current !== entry && current.value !== undefined
      if (entry.value === undefined && isReplaced) {
        this.#release(entry)
        continue
      }
      entry.isSealed = true
      entry.isStored = true
      sealed.push(entry)
    }
    this.#changed = []
    this.#sealed = sealed
    return sealed
  }

  kept(): void {
    for (const entry of this.#sealed) {
      entry.isSealed = false
      if (entry.isChanged) continue
      this.#memory.hold(-entry.bytes)
      if (entry.value !== undefined) continue
      this.#memory.use(-entry.bytes)
      const from = this.#buckets.get(entry.bucket)
      if (from?.entries.get(entry.key) !== entry) continue
      from.entries.delete(entry.key)
      this.#dropEmpty(from)
    }
    this.#sealed = []
  }

  /** Corrects what an entry takes. */
  weigh(entry: Entry<V>, storedBytes: number): void {
    this.#storedBytes += (storedBytes - this.#storedBytes) / 64
    const bytes = this.#estimate(entry.key, storedBytes)
    this.#memory.use(bytes - entry.bytes)
    if (isHeld(entry)) this.#memory.hold(bytes - entry.bytes)
    entry.bytes = bytes
  }

  /** Second chance: what was used since the last time stays for once. */
  evict(bytes: number): void {
    let left = bytes
    for (let round = 0; round < 2 && left > 0; round++) {
      for (const from of this.#buckets.values()) {
        if (left <= 0) return
        left -= this.#evictFrom(from, left)
        if (from.entries.size > 0 || from.isWhole) continue
        this.#buckets.delete(from.bucket)
        this.#onGone(from.bucket)
      }
    }
  }

  close(): void {
    for (const entry of [...this.all()]) this.#forget(entry)
    for (const entry of this.#changed) if (entry.isChanged) this.#forget(entry)
    for (const entry of this.#sealed) if (isHeld(entry)) this.#forget(entry)
    this.#buckets.clear()
    this.#memory.leave(this)
  }

  #evictFrom(from: Bucket<V>, bytes: number): number {
    let gone = 0
    for (const entry of from.entries.values()) {
      if (gone >= bytes) break
      if (isHeld(entry) || entry.value === undefined) continue
      if (entry.isUsed) entry.isUsed = false
      else {
        gone += entry.bytes
        from.isWhole = false
        from.live--
        this.#size--
        from.entries.delete(entry.key)
        this.#memory.use(-entry.bytes)
      }
    }
    return gone
  }

  #create(bucket: Bucket<V>, key: string): Entry<V> {
    const bytes = this.#estimate(key, this.#storedBytes)
    const entry: Entry<V> = {
      bucket: bucket.bucket,
      key,
      value: undefined,
      bytes,
      isChanged: false,
      isSealed: false,
      isStored: false,
      isUsed: true,
    }
    bucket.entries.set(key, entry)
    this.#memory.use(bytes)
    return entry
  }

  #estimate(key: string, storedBytes: number): number {
    const { bytes, perByte } = this.#weight
    return Math.round(ENTRY_BYTES + key.length + bytes + perByte * storedBytes)
  }

  #revive(bucket: Bucket<V>): void {
    if (bucket.live === 0) this.order.add(bucket.bucket)
    bucket.live++
    this.#size++
  }

  #change(entry: Entry<V>): void {
    if (entry.isChanged) return
    if (!entry.isSealed) this.#memory.hold(entry.bytes)
    entry.isChanged = true
    this.#changed.push(entry)
  }

  #remove(from: Bucket<V>, entry: Entry<V>): void {
    from.entries.delete(entry.key)
    this.#forget(entry)
    this.#dropEmpty(from)
  }

  /** Nothing is known of it any more. */
  #dropEmpty(from: Bucket<V>): void {
    if (from.entries.size > 0 || !from.isWhole) return
    if (this.#buckets.get(from.bucket) === from) this.#buckets.delete(from.bucket)
  }

  /** An entry that is nowhere any more, and need not be told of. */
  #forget(entry: Entry<V>): void {
    this.#release(entry)
    entry.isChanged = false
    entry.isSealed = false
  }

  #release(entry: Entry<V>): void {
    if (isHeld(entry)) this.#memory.hold(-entry.bytes)
    this.#memory.use(-entry.bytes)
    entry.bytes = 0
  }
}

function isHeld(entry: { readonly isChanged: boolean; readonly isSealed: boolean }): boolean {
  return entry.isChanged || entry.isSealed
}

function isThere(
  bucket: { readonly live: number; readonly isWhole: boolean } | undefined,
): boolean {
  return bucket !== undefined && (bucket.live > 0 || !bucket.isWhole)
}
