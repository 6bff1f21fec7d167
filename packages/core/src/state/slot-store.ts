/**
 * The live state of a step: values by (bucket, key) in memory, above the space where their bytes
 * are.
 *
 *   change ─► dirty ─ seal ─► sealed ─ kept ─► clean ─ evict ─► the space alone
 *               └──── changed again: dirty and sealed ┘           └─ prefetch ─► clean
 *
 * A bucket is a window's end, a timer's time, or 0: what is taken out together. Reads look at
 * memory and then, only by `prefetch`, at the space. Dirty and sealed entries stay in memory; the
 * space holds committed state alone, as `kept` is told of after the commit. A bucket is whole when
 * every entry of it is in memory, so that nothing need be asked of the space: true of every bucket
 * until memory is short or the process starts again. After a failed epoch the whole store is
 * dropped.
 *
 * Where values are and what they look like is the business of `cells`; who takes entries out is
 * shown their slots, in the byte order of their keys.
 */
import { expectEnd } from '../record/format/format-check.ts'
import { bucketKey, readStateKey, storeRange, writeStateKey } from '../record/format/state-key.ts'
import { assert } from '../util/assert.ts'
import { ByteReader } from '../util/byte-reader.ts'
import { ByteWriter } from '../util/byte-writer.ts'
import { AwayBuckets } from './away-buckets.ts'
import type { Cells } from './cells.ts'
import { EntryWriter } from './entry-writer.ts'
import type { KeyTable } from './key-table.ts'
import { groupKeyOf, mergedPages } from './merged-pages.ts'
import type { Bucket } from './slot-index.ts'
import { Slots } from './slots.ts'
import type { StateEntry, StateSpace } from './state-backend.ts'
import type { StateMemory } from './state-memory.ts'
import type { OperatorStore, SealedState } from './store.ts'
import { TakenPage } from './taken-page.ts'

export interface SlotStoreOptions<C extends Cells> {
  /** Number of the store in its task, from 1. */
  readonly store: number
  readonly cells: C
  readonly memory: StateMemory
}

/** Makes something of entries, while their slots are good. */
export type ReadSlots<T> = (slots: Int32Array, bucket: number) => T

/** Entries read from the space at a time, at most. */
const PAGE = 1000
/**
 * Perf: fewer where they are large. What is alive when V8 collects its young objects becomes old,
 * and with pages of 1 MB the heap of a closing window was 140 MB where 80 do (benchmarks,
 * `state-memory`).
 */
const PAGE_BYTES = 128 * 1024
/**
 * Entries of a bucket that is all in memory, taken out at a time: as many as a batch has.
 *
 * Perf: tumbling windows of 100,000 groups, the operator and its commits alone, take 0.95 of the
 * time that they do in pages of 1,000.
 */
const TAKEN_PAGE = 4096

export class SlotStore<C extends Cells> implements OperatorStore {
  readonly cells: C
  readonly keys: KeyTable
  readonly #store: number
  readonly #slots: Slots<C>
  readonly #out = new ByteWriter()
  #space: StateSpace | null = null
  #forget: (entries: readonly StateEntry[]) => void = () => {}
  readonly #away = new AwayBuckets()
  #cleared: number[] = []
  /** The bucket that `takeByPages` is at, and the key it has come to; '' = none yet. */
  #partial: { readonly bucket: number; key: string } | null = null

  constructor({ store, cells, memory }: SlotStoreOptions<C>) {
    assert(Number.isSafeInteger(store) && store >= 1, `a store has a number from 1, not ${store}`)
    this.#store = store
    this.cells = cells
    this.#slots = new Slots(memory, cells, bucket => this.#away.add(bucket))
    this.keys = this.#slots.keys
  }

  async open(space: StateSpace, forget: (entries: readonly StateEntry[]) => void): Promise<void> {
    this.#space = space
    this.#forget = forget
    const [from, to] = storeRange(this.#store)
    const [first] = await space.scan(from, to, 1)
    const [last] = await space.scan(from, to, 1, true)
    for (const entry of [first, last]) if (entry !== undefined) this.#away.add(bucketOf(entry))
  }

  close(): void {
    this.#slots.close()
  }

  /** Live entries in memory. */
  get size(): number {
    return this.#slots.size
  }

  /**
   * The slot of a value that is in memory, -1 = none; what may be in the space has to be fetched
   * before, by `prefetch`.
   */
  find(bucket: number, key: string): number {
    return this.findKey(bucket, this.keys.find(key))
  }

  /** The same by the number of the key in `keys`. */
  findKey(bucket: number, key: number): number {
    const slot = this.#slotOf(bucket, key)
    return slot >= 0 && this.#slots.isLive(slot) ? slot : -1
  }

  /** The entries of a bucket, for many calls of `change`; good until memory is trimmed. */
  bucket(bucket: number): Bucket {
    return (
      this.#slots.buckets.at(bucket) ?? this.#slots.buckets.add(bucket, !this.#away.has(bucket))
    )
  }

  /**
   * The slot of a value that is about to be changed in place, begun where there was none.
   * @param key its number in `keys`
   */
  change(bucket: Bucket, key: number): number {
    return this.#slots.change(bucket, key)
  }

  /** The slots of many keys, as `change` gives them. */
  changeAll(bucket: Bucket, keys: Int32Array, into: Int32Array): void {
    this.#slots.changeAll(bucket, keys, into)
  }

  keyOf(slot: number): number {
    return this.#slots.keyOf(slot)
  }

  /** Takes an entry out, also one that is in the space alone. */
  delete(bucket: number, key: string): void {
    if (this.#slots.buckets.at(bucket) === undefined && this.isWhole(bucket)) return
    this.#slots.delete(this.bucket(bucket), this.keys.atText(key))
  }

  /**
   * Brings entries into memory that the space may have; undefined = nothing has to be asked. What
   * was fetched stays until memory is trimmed, between two batches.
   */
  prefetch(wanted: readonly (readonly [bucket: number, key: string])[]): Promise<void> | undefined {
    const missing = wanted.filter(
      ([bucket, key]) => !this.isWhole(bucket) && this.#slotOf(bucket, this.keys.find(key)) < 0,
    )
    return missing.length === 0 ? undefined : this.#fetch(missing)
  }

  /** Live entries of a bucket in memory. */
  sizeOf(bucket: number): number {
    return this.#slots.buckets.at(bucket)?.live ?? 0
  }

  /** True: everything of the bucket is in memory; no `prefetch` is needed. */
  isWhole(bucket: number): boolean {
    return this.#slots.buckets.at(bucket)?.isWhole ?? !this.#away.has(bucket)
  }

  /**
   * The bucket that is due first; undefined when there is none. It may turn out empty when taken.
   */
  smallestBucket(): number | undefined {
    const known = this.#slots.buckets.order.smallest()
    const away = this.#away.first
    return known === undefined || (away !== undefined && away < known) ? away : known
  }

  greatestBucket(): number | undefined {
    const known = this.#slots.buckets.order.greatest()
    const away = this.#away.last
    return known === undefined || (away !== undefined && away > known) ? away : known
  }

  /** Takes a bucket out that is all in memory. Null: the space has to be asked, `takeByPages`. */
  takeAll<T>(bucket: number, read: ReadSlots<T>): T | null {
    if (!this.isWhole(bucket)) return null
    this.#away.take(bucket)
    return this.#slots.take(bucket, slots => read(slots, bucket))
  }

  /**
   * Takes a bucket out page by page, however large it is. Epochs may end between two pages: what
   * was taken is gone with the epoch it was taken in, the rest stays. Nobody puts anything into the
   * bucket meanwhile.
   */
  async *takeByPages<T>(bucket: number, read: ReadSlots<T>): AsyncGenerator<T> {
    assert(this.#partial === null, 'one bucket is taken out at a time')
    this.#partial = { bucket, key: '' }
    const known = this.bucket(bucket)
    known.isPinned = true
    const pages = known.isWhole ? this.#pagesInMemory(known) : this.#pagesMerged(known)
    for await (const [page, lastKey] of pages) {
      const taken = page.take(read)
      const gone = page.gone()
      if (gone.length > 0) this.#forget(gone)
      this.#partial.key = lastKey
      if (taken !== null) yield taken
    }
    this.#partial = null
    this.#slots.drop(known)
    this.#cleared.push(bucket)
    await this.#away.passed(bucket, after => this.#bucketAfter(after))
  }

  /** Every live entry, bucket by bucket. Changes nothing. */
  async entries<T>(read: ReadSlots<T>): Promise<[bucket: number, entries: T][]> {
    const found = new Map<number, Map<string, Uint8Array | number>>()
    const entriesOf = (bucket: number): Map<string, Uint8Array | number> => {
      const entries = found.get(bucket) ?? new Map<string, Uint8Array | number>()
      found.set(bucket, entries)
      return entries
    }
    const [from, to] = storeRange(this.#store)
    for await (const page of this.#pages(from, to)) {
      for (const stored of page) {
        const bucket = bucketOf(stored)
        if (this.#away.isTaken(bucket) || this.#isPassed(bucket, groupKeyOf(stored))) continue
        entriesOf(bucket).set(groupKeyOf(stored), stored.value as Uint8Array)
      }
    }
    for (const slot of this.#slots.all()) {
      const key = this.keys.textOf(this.keyOf(slot))
      if (this.#slots.isLive(slot)) entriesOf(this.#slots.bucketOf(slot)).set(key, slot)
      else entriesOf(this.#slots.bucketOf(slot)).delete(key)
    }
    return [...found]
      .filter(([, entries]) => entries.size > 0)
      .sort(([left], [right]) => left - right)
      .map(([bucket, entries]) => [bucket, this.#look(bucket, entries, read)])
  }

  seal(): SealedState {
    const entries = new EntryWriter()
    for (const slot of this.#slots.seal()) this.#write(slot, entries)
    const cleared = this.#cleared.map(
      bucket => [bucketKey(this.#store, bucket), bucketKey(this.#store, bucket + 1)] as const,
    )
    this.#cleared = []
    if (this.#partial !== null && this.#partial.key !== '') {
      const { bucket, key } = this.#partial
      const until = Uint8Array.of(...this.#keyBytes(bucket, key), 0)
      cleared.push([bucketKey(this.#store, bucket), until])
    }
    this.#away.seal()
    return { entries: entries.take(), cleared }
  }

  kept(): void {
    this.#away.kept()
    this.#slots.kept()
  }

  #write(slot: number, entries: EntryWriter): void {
    const { keys } = this
    entries.key(this.#store, this.#slots.bucketOf(slot), keys, this.keyOf(slot))
    if (this.#slots.isLive(slot)) {
      this.cells.write(slot, entries.out)
      this.#slots.weigh(slot, entries.endValue())
    } else entries.endGone()
  }

  /** Also of an entry that is gone; -1 = memory has none. */
  #slotOf(bucket: number, key: number): number {
    const known = this.#slots.buckets.at(bucket)
    return known === undefined ? -1 : this.#slots.find(known, key)
  }

  async #fetch(missing: readonly (readonly [number, string])[]): Promise<void> {
    const keys = missing.map(([bucket, key]) => this.#keyBytes(bucket, key))
    const values = await (this.#space as StateSpace).getMany(keys)
    for (const [i, value] of values.entries()) {
      const [bucket, key] = missing[i] as readonly [number, string]
      if (value === null || this.#slotOf(bucket, this.keys.find(key)) >= 0) continue
      const into = this.bucket(bucket)
      this.#reading(value, from =>
        this.#slots.load(into, this.keys.atText(key), from, value.length),
      )
    }
  }

  /** Pages of a bucket that is all in memory, each with its last key. */
  *#pagesInMemory(bucket: Bucket): Generator<[TakenPage, string]> {
    const slots = this.#slots.sorted(bucket)
    // Entries may go between two pages, and their numbers come to mean others.
    const lastKeys: string[] = []
    for (let at = TAKEN_PAGE; at < slots.length + TAKEN_PAGE; at += TAKEN_PAGE) {
      const last = slots[Math.min(at, slots.length) - 1] as number
      lastKeys.push(this.keys.textOf(this.keyOf(last)))
    }
    for (const [nth, lastKey] of lastKeys.entries()) {
      const page = new TakenPage(this.#slots, this.#store, bucket)
      for (const slot of slots.subarray(nth * TAKEN_PAGE, (nth + 1) * TAKEN_PAGE)) {
        if (this.#slots.isIn(slot, bucket)) page.add(slot, false)
      }
      yield [page, lastKey]
    }
  }

  /** Pages of what memory and the space have of a bucket, each with its last key. */
  async *#pagesMerged(bucket: Bucket): AsyncGenerator<[TakenPage, string]> {
    const keyOf = (slot: number): string => this.keys.textOf(this.keyOf(slot))
    const inMemory = Array.from(this.#slots.sorted(bucket), keyOf)
    for await (const merged of mergedPages(inMemory, this.#pagesOf(bucket.bucket), PAGE)) {
      const page = new TakenPage(this.#slots, this.#store, bucket)
      for (const { key, stored } of merged) {
        const slot = this.#slots.find(bucket, this.keys.find(key))
        if (slot >= 0) page.add(slot, stored !== undefined)
        else if (stored !== undefined) {
          page.addBorrowed(this.#borrow(bucket.bucket, key, stored.value as Uint8Array))
        }
      }
      yield [page, merged.at(-1)?.key ?? '']
    }
  }

  #look<T>(
    bucket: number,
    entries: ReadonlyMap<string, Uint8Array | number>,
    read: ReadSlots<T>,
  ): T {
    const borrowed: number[] = []
    const slots = [...entries]
      .sort(([left], [right]) => (left < right ? -1 : 1))
      .map(([key, at]) => {
        if (typeof at === 'number') return at
        borrowed.push(this.#borrow(bucket, key, at))
        return borrowed.at(-1) as number
      })
    const seen = read(Int32Array.from(slots), bucket)
    for (const slot of borrowed) this.#slots.giveBack(slot)
    return seen
  }

  #borrow(bucket: number, key: string, value: Uint8Array): number {
    return this.#reading(value, from => this.#slots.borrow(bucket, this.keys.atText(key), from))
  }

  async #bucketAfter(bucket: number): Promise<number | undefined> {
    const [, to] = storeRange(this.#store)
    const from = bucketKey(this.#store, bucket + 1)
    const [next] = await (this.#space as StateSpace).scan(from, to, 1)
    return next === undefined ? undefined : bucketOf(next)
  }

  /** It was taken out by `takeByPages`, which has come further. */
  #isPassed(bucket: number, key: string): boolean {
    return this.#partial?.bucket === bucket && key <= this.#partial.key
  }

  #pagesOf(bucket: number): AsyncGenerator<readonly StateEntry[]> {
    return this.#pages(bucketKey(this.#store, bucket), bucketKey(this.#store, bucket + 1))
  }

  async *#pages(from: Uint8Array, to: Uint8Array): AsyncGenerator<readonly StateEntry[]> {
    if (this.#space === null) return
    let start = from
    let limit = pageOf(this.#slots.bytes.storedBytes)
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

  #reading<T>(bytes: Uint8Array, read: (from: ByteReader) => T): T {
    const what = `state of store ${this.#store}`
    const from = new ByteReader(bytes, what)
    const result = read(from)
    expectEnd(from, what)
    return result
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
