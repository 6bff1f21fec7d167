/**
 * The live state of a step: objects by (bucket, key), above the space where their bytes are.
 *
 *   set ─► dirty ─ seal ─► sealed ─ kept ─► clean ─ evict ─► the space alone
 *            └───── set again: dirty and sealed ─┘             └─ prefetch ─► clean
 *
 * A bucket is a window's end, a timer's time, or 0: what is taken out together. Reads look at the
 * objects and then, only by `prefetch`, at the space. Dirty and sealed entries stay in memory; the
 * space holds committed state alone, as `kept` is told of after the commit. A bucket is whole when
 * every entry of it is in memory, so that nothing need be asked of the space: true of every bucket
 * until memory is short or the process starts again. A key is a string of one character per byte
 * (latin1), whose order is the order of the bytes. After a failed epoch the whole store is dropped.
 */
import { expectEnd } from '../record/format/format-check.ts'
import { bucketKey, readStateKey, storeRange, writeStateKey } from '../record/format/state-key.ts'
import { assert } from '../util/assert.ts'
import { ByteReader } from '../util/byte-reader.ts'
import { ByteWriter } from '../util/byte-writer.ts'
import { type Bucket, Buckets, type ValueWeight } from './buckets.ts'
import { groupKeyOf, mergedPages } from './merged-pages.ts'
import type { StateEntry, StateSpace } from './state-backend.ts'
import type { StateMemory } from './state-memory.ts'
import type { OperatorStore, SealedState } from './store.ts'

/** The stored form of a value. */
export interface ValueCodec<V> {
  write(value: V, out: ByteWriter): void
  /** @throws FORMAT_UNKNOWN */
  read(from: ByteReader): V
  /** Missing: four times the stored form. */
  readonly weight?: ValueWeight
}

export interface LayeredStoreOptions<V> {
  /** Number of the store in its task, from 1. */
  readonly store: number
  readonly codec: ValueCodec<V>
  readonly memory: StateMemory
}

export type Taken<V> = readonly (readonly [key: string, value: V])[]

/** Entries read from the space at a time, at most. */
const PAGE = 1000
/**
 * Perf: fewer where they are large. What is alive when V8 collects its young objects becomes old,
 * and with pages of 1 MB the heap of a closing window was 140 MB where 80 do (benchmarks,
 * `state-memory`).
 */
const PAGE_BYTES = 128 * 1024

export class LayeredStore<V> implements OperatorStore {
  readonly #store: number
  readonly #codec: ValueCodec<V>
  readonly #buckets: Buckets<V>
  readonly #out = new ByteWriter()
  #space: StateSpace | null = null
  #forget: (entries: readonly StateEntry[]) => void = () => {}
  /** The buckets that the space may have and memory has not; null = none. */
  #away: { first: number; last: number } | null = null
  /** Buckets taken out, whose entries the space still has: in this epoch, and in the sealed one. */
  #taken = new Set<number>()
  #takenSealed = new Set<number>()
  #cleared: number[] = []
  /** The bucket that `takePages` is at, and the key it has come to; '' = none yet. */
  #partial: { readonly bucket: number; key: string } | null = null

  constructor({ store, codec, memory }: LayeredStoreOptions<V>) {
    assert(Number.isSafeInteger(store) && store >= 1, `a store has a number from 1, not ${store}`)
    this.#store = store
    this.#codec = codec
    this.#buckets = new Buckets(memory, bucket => this.#leaves(bucket), codec.weight)
  }

  async open(space: StateSpace, forget: (entries: readonly StateEntry[]) => void): Promise<void> {
    this.#space = space
    this.#forget = forget
    const [from, to] = storeRange(this.#store)
    const [first] = await space.scan(from, to, 1)
    const [last] = await space.scan(from, to, 1, true)
    if (first === undefined || last === undefined) return
    this.#away = { first: bucketOf(first), last: bucketOf(last) }
  }

  close(): void {
    this.#buckets.close()
  }

  /** Live entries in memory. */
  get size(): number {
    return this.#buckets.size
  }

  /** What is in memory; what may be in the space has to be fetched before, by `prefetch`. */
  get(bucket: number, key: string): V | undefined {
    return this.#buckets.get(bucket, key)?.value
  }

  /** Puts a value; also tells that a value which `get` gave was changed in place. */
  set(bucket: number, key: string, value: V): void {
    this.#buckets.set(this.bucket(bucket), key, value)
  }

  /** The entries of a bucket, for many calls of `change`; good until memory is trimmed. */
  bucket(bucket: number): Bucket<V> {
    return this.#buckets.at(bucket) ?? this.#buckets.add(bucket, !this.#mayBeAway(bucket))
  }

  /** A value that is about to be changed in place, or a new one; as `get`, then `set`. */
  change(bucket: Bucket<V>, key: string, make: () => V): V {
    return this.#buckets.changeIn(bucket, key, make)
  }

  /** Takes an entry out, also one that is in the space alone. */
  delete(bucket: number, key: string): void {
    if (this.#buckets.at(bucket) === undefined && this.isWhole(bucket)) return
    this.#buckets.delete(this.bucket(bucket), key)
  }

  /**
   * Brings entries into memory that the space may have; undefined = nothing has to be asked. What
   * was fetched stays until memory is trimmed, between two batches.
   */
  prefetch(wanted: readonly (readonly [bucket: number, key: string])[]): Promise<void> | undefined {
    const missing = wanted.filter(
      ([bucket, key]) => !this.isWhole(bucket) && this.#buckets.get(bucket, key) === undefined,
    )
    return missing.length === 0 ? undefined : this.#fetch(missing)
  }

  /** Live entries of a bucket in memory. */
  sizeOf(bucket: number): number {
    return this.#buckets.at(bucket)?.live ?? 0
  }

  /** True: everything of the bucket is in memory; no `prefetch` is needed. */
  isWhole(bucket: number): boolean {
    return this.#buckets.at(bucket)?.isWhole ?? !this.#mayBeAway(bucket)
  }

  /**
   * The bucket that is due first; undefined when there is none. It may turn out empty when taken.
   */
  smallestBucket(): number | undefined {
    const known = this.#buckets.order.smallest()
    const away = this.#away?.first
    return known === undefined || (away !== undefined && away < known) ? away : known
  }

  greatestBucket(): number | undefined {
    const known = this.#buckets.order.greatest()
    const away = this.#away?.last
    return known === undefined || (away !== undefined && away > known) ? away : known
  }

  /**
   * Takes a bucket out that is all in memory: its entries in the byte order of their keys. Null:
   * the space has to be asked, by `takePages`.
   */
  takeWhole(bucket: number): Taken<V> | null {
    if (!this.isWhole(bucket)) return null
    this.#taken.add(bucket)
    const away = this.#away
    // What comes next there is not known: it is looked for when it is its turn.
    if (away?.first === bucket) away.first++
    if (away !== null && away.first > away.last) this.#away = null
    return this.#buckets.take(bucket)
  }

  /**
   * Takes a bucket out page by page, in the byte order of the keys, however large it is. Epochs may
   * end between two pages: what was taken is gone with the epoch it was taken in, the rest stays.
   * Nobody puts anything into the bucket meanwhile.
   */
  async *takePages(bucket: number): AsyncGenerator<Taken<V>> {
    assert(this.#partial === null, 'one bucket is taken out at a time')
    const partial = { bucket, key: '' }
    this.#partial = partial
    const known = this.#buckets.at(bucket)
    const inMemory = [...(known?.entries.values() ?? [])].sort(byKey)
    const pages = known?.isWhole === true ? nothing() : this.#pagesOf(bucket)
    for await (const page of mergedPages(inMemory, pages, PAGE)) {
      const taken: [string, V][] = []
      const gone: StateEntry[] = []
      for (const { key, entry, stored } of page) {
        const value = entry === undefined ? this.#read(stored?.value as Uint8Array) : entry.value
        if (value !== undefined) taken.push([key, value])
        if (stored !== undefined || entry?.isStored === true) {
          gone.push({ key: stored?.key ?? this.#keyBytes(bucket, key), value: null })
        }
        if (entry !== undefined) this.#buckets.discard(entry)
        partial.key = key
      }
      if (gone.length > 0) this.#forget(gone)
      if (taken.length > 0) yield taken
    }
    this.#partial = null
    this.#buckets.drop(bucket)
    this.#taken.add(bucket)
    this.#cleared.push(bucket)
    await this.#findNextAway(bucket)
  }

  /** Every live entry, bucket by bucket, keys in byte order. Changes nothing. */
  async entries(): Promise<[bucket: number, entries: Taken<V>][]> {
    const found = new Map<number, Map<string, V>>()
    const [from, to] = storeRange(this.#store)
    for await (const page of this.#pages(from, to)) {
      for (const stored of page) {
        const bucket = bucketOf(stored)
        if (this.#isTaken(bucket) || this.#isPassed(bucket, groupKeyOf(stored))) continue
        const entries = found.get(bucket) ?? new Map<string, V>()
        found.set(bucket, entries.set(groupKeyOf(stored), this.#read(stored.value as Uint8Array)))
      }
    }
    for (const { bucket, key, value } of this.#buckets.all()) {
      const entries = found.get(bucket) ?? new Map<string, V>()
      if (value === undefined) entries.delete(key)
      else found.set(bucket, entries.set(key, value))
    }
    return [...found]
      .filter(([, entries]) => entries.size > 0)
      .sort(([left], [right]) => left - right)
      .map(([bucket, entries]) => [bucket, [...entries].sort(([a], [b]) => (a < b ? -1 : 1))])
  }

  seal(): SealedState {
    const entries: StateEntry[] = []
    const bytes = new ByteWriter()
    for (const entry of this.#buckets.seal()) {
      const key = this.#keyBytes(entry.bucket, entry.key)
      if (entry.value === undefined) entries.push({ key, value: null })
      else {
        bytes.reset()
        this.#codec.write(entry.value, bytes)
        this.#buckets.weigh(entry, bytes.size)
        entries.push({ key, value: bytes.copy() })
      }
    }
    const cleared = this.#cleared.map(
      bucket => [bucketKey(this.#store, bucket), bucketKey(this.#store, bucket + 1)] as const,
    )
    this.#cleared = []
    if (this.#partial !== null && this.#partial.key !== '') {
      const { bucket, key } = this.#partial
      const until = Uint8Array.of(...this.#keyBytes(bucket, key), 0)
      cleared.push([bucketKey(this.#store, bucket), until])
    }
    this.#takenSealed = this.#taken
    this.#taken = new Set()
    return { entries, cleared }
  }

  kept(): void {
    this.#takenSealed = new Set()
    this.#buckets.kept()
  }

  async #fetch(missing: readonly (readonly [number, string])[]): Promise<void> {
    const keys = missing.map(([bucket, key]) => this.#keyBytes(bucket, key))
    const values = await (this.#space as StateSpace).getMany(keys)
    for (const [i, value] of values.entries()) {
      const [bucket, key] = missing[i] as readonly [number, string]
      if (value === null || this.#buckets.get(bucket, key) !== undefined) continue
      this.#buckets.load(this.bucket(bucket), key, this.#read(value), value.length)
    }
  }

  #mayBeAway(bucket: number): boolean {
    const away = this.#away
    if (away === null || bucket < away.first || bucket > away.last) return false
    return !this.#isTaken(bucket)
  }

  /** What the space still has of it is gone. */
  #isTaken(bucket: number): boolean {
    return this.#taken.has(bucket) || this.#takenSealed.has(bucket)
  }

  /** The last entry of a bucket left memory. */
  #leaves(bucket: number): void {
    const { first = bucket, last = bucket } = this.#away ?? {}
    this.#away = { first: Math.min(first, bucket), last: Math.max(last, bucket) }
  }

  async #findNextAway(after: number): Promise<void> {
    if (this.#away === null || this.#away.first > after) return
    const [, to] = storeRange(this.#store)
    for (let bucket = after; ; ) {
      const [next] = await (this.#space as StateSpace).scan(
        bucketKey(this.#store, bucket + 1),
        to,
        1,
      )
      if (next === undefined || bucketOf(next) > this.#away.last) {
        this.#away = null
        return
      }
      bucket = bucketOf(next)
      if (this.#isTaken(bucket)) continue
      this.#away.first = bucket
      return
    }
  }

  /** It was taken out by `takePages`, which has come further. */
  #isPassed(bucket: number, key: string): boolean {
    return this.#partial?.bucket === bucket && key <= this.#partial.key
  }

  #pagesOf(bucket: number): AsyncGenerator<readonly StateEntry[]> {
    return this.#pages(bucketKey(this.#store, bucket), bucketKey(this.#store, bucket + 1))
  }

  async *#pages(from: Uint8Array, to: Uint8Array): AsyncGenerator<readonly StateEntry[]> {
    if (this.#space === null) return
    let start = from
    let limit = pageOf(this.#buckets.storedBytes)
    for (;;) {
      const entries = await this.#space.scan(start, to, limit)
      yield entries
      const last = entries.at(-1)
      if (last === undefined || entries.length < limit) return
      start = Uint8Array.of(...last.key, 0)
      const bytes = entries.reduce((sum, { value }) => sum + (value?.length ?? 0), 0)
      limit = pageOf(bytes / entries.length)
    }
  }

  #read(bytes: Uint8Array): V {
    const what = `state of store ${this.#store}`
    const from = new ByteReader(bytes, what)
    const value = this.#codec.read(from)
    expectEnd(from, what)
    return value
  }

  #keyBytes(bucket: number, key: string): Uint8Array {
    this.#out.reset()
    writeStateKey(this.#store, bucket, Buffer.from(key, 'latin1'), this.#out)
    return this.#out.copy()
  }
}

function bucketOf({ key }: StateEntry): number {
  return readStateKey(key).windowEnd
}

/** Entries of a page, where each has so many bytes. */
function pageOf(entryBytes: number): number {
  return Math.max(1, Math.min(PAGE, Math.floor(PAGE_BYTES / entryBytes)))
}

async function* nothing(): AsyncGenerator<never> {}

function byKey(left: { readonly key: string }, right: { readonly key: string }): number {
  return left.key < right.key ? -1 : 1
}
