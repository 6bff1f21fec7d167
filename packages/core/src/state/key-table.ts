/**
 * The keys of a store: bytes, each with a number of its own while somebody holds it.
 *
 * A key is looked up by its bytes, once for a record; from there on it is its number. Keys that
 * nobody holds stay until there are many of them (`sweep`), as the next window is likely to have
 * them again, and so has their order.
 *
 * Perf: open addressing over typed arrays. What a look-up reads of a key (hash, place, size) lies
 * side by side.
 */
import { resized } from '../util/resized.ts'
import { hashOf, isSame, viewOf } from './key-bytes.ts'

const FIELDS = 8
const HASH = 0
const START = 1
const SIZE = 2
const HOLDERS = 3
/** The note of its owner: a number from 1 on that says what it is about, and what it says. */
const ABOUT = 4
const NOTE = 5

const KEYS_FIRST = 16
const BYTES_FIRST = 256
/** Keys that nobody holds, beside as many as are held. */
const IDLE_MIN = 1024
/** Ranges of bytes that are keys. */
export interface ByteRanges {
  readonly data: Uint8Array
  readonly start: Int32Array
  readonly size: Int32Array
}

const NO_RANGES: ByteRanges = {
  data: new Uint8Array(0),
  start: new Int32Array(0),
  size: new Int32Array(0),
}

export class KeyTable {
  /** Bytes of the keys; what stands there never changes. */
  #data: Buffer = Buffer.allocUnsafeSlow(BYTES_FIRST)
  #view: DataView = viewOf(this.#data)
  #end = 0
  #fields = new Int32Array(KEYS_FIRST * FIELDS)
  /** Numbers + 1 by hash; 0 = free. */
  #places = new Int32Array(KEYS_FIRST * 2)
  /** Numbers given out so far, those given back among them. */
  #count = 0
  readonly #free: number[] = []
  #idle = 0
  /** Numbers in the order of the bytes of their keys, but for the last ones given out. */
  #sorted = new Int32Array(0)
  #unsorted: number[] = []
  #ranks = new Int32Array(0)
  #ranges = NO_RANGES
  #rangesView: DataView = viewOf(NO_RANGES.data)
  #scratch: Buffer = Buffer.allocUnsafeSlow(BYTES_FIRST)
  #scratchView: DataView = viewOf(this.#scratch)

  /** Where `startOf` and `sizeOf` point to; good as long as whoever has it wants. */
  get data(): Buffer {
    return this.#data
  }

  /** Keys that there are, held or not. */
  get size(): number {
    return this.#count - this.#free.length
  }

  startOf(id: number): number {
    return this.#fields[id * FIELDS + START] as number
  }

  sizeOf(id: number): number {
    return this.#fields[id * FIELDS + SIZE] as number
  }

  /** The bytes, one character each (latin1). */
  textOf(id: number): string {
    const start = this.startOf(id)
    return this.#data.toString('latin1', start, start + this.sizeOf(id))
  }

  /** The number of a key of another table in this one, a new one where there is none. */
  atKey(from: KeyTable, id: number): number {
    const start = from.startOf(id)
    return this.#at(from.#data, from.#view, start, from.sizeOf(id))
  }

  /** What `at` counts in from here on. */
  read(ranges: ByteRanges): void {
    this.#ranges = ranges
    this.#rangesView = viewOf(ranges.data)
  }

  /** The number of the key at one of the ranges, a new one where there is none. */
  at(index: number): number {
    const { data, start, size } = this.#ranges
    return this.#at(data, this.#rangesView, start[index] as number, size[index] as number)
  }

  /** -1: there is no such key. */
  find(text: string): number {
    const size = this.#write(text)
    return this.#find(this.#scratchView, 0, size, hashOf(this.#scratchView, 0, size))
  }

  /** @param text one character for each byte. */
  atText(text: string): number {
    const size = this.#write(text)
    return this.#at(this.#scratch, this.#scratchView, 0, size)
  }

  /** The key stays until it is let go as often. */
  hold(id: number): void {
    const holders = id * FIELDS + HOLDERS
    if (this.#fields[holders] === 0) this.#idle--
    this.#fields[holders] = (this.#fields[holders] as number) + 1
  }

  letGo(id: number): void {
    const holders = id * FIELDS + HOLDERS
    const left = (this.#fields[holders] as number) - 1
    this.#fields[holders] = left
    if (left === 0) this.#idle++
  }

  /** What was noted of a key about this; -1 = nothing, or about something else since. */
  noteOf(id: number, about: number): number {
    const field = id * FIELDS
    return this.#fields[field + ABOUT] === about ? (this.#fields[field + NOTE] as number) : -1
  }

  note(id: number, about: number, note: number): void {
    this.#fields[id * FIELDS + ABOUT] = about
    this.#fields[id * FIELDS + NOTE] = note
  }

  /** What was noted about this is void. */
  unnote(id: number, about: number): void {
    if (this.#fields[id * FIELDS + ABOUT] === about) this.#fields[id * FIELDS + ABOUT] = 0
  }

  /** Place of each key in the order of their bytes, by number; good until the next new key. */
  ranks(): Int32Array {
    if (this.#unsorted.length > 0) this.#sort()
    return this.#ranks
  }

  /** Forgets keys that nobody holds, where there are many. Numbers that are not held are void. */
  sweep(): void {
    const held = this.size - this.#idle
    if (this.#idle <= held + IDLE_MIN) return
    this.ranks()
    const kept = this.#sorted.filter(id => this.#fields[id * FIELDS + HOLDERS] !== 0)
    for (const id of this.#sorted) {
      if (this.#fields[id * FIELDS + HOLDERS] === 0) this.#free.push(id)
    }
    this.#idle = 0
    this.#sorted = kept
    this.#rank()
    this.#compact()
  }

  #at(data: Uint8Array, view: DataView, start: number, size: number): number {
    const hash = hashOf(view, start, size)
    const known = this.#find(view, start, size, hash)
    return known < 0 ? this.#add(data, start, size, hash) : known
  }

  #find(data: DataView, start: number, size: number, hash: number): number {
    const places = this.#places
    const fields = this.#fields
    const mask = places.length - 1
    for (let at = hash & mask; ; at = (at + 1) & mask) {
      const id = (places[at] as number) - 1
      if (id < 0) return -1
      const field = id * FIELDS
      if (fields[field + HASH] !== hash || fields[field + SIZE] !== size) continue
      if (isSame(data, start, this.#view, fields[field + START] as number, size)) return id
    }
  }

  #add(data: Uint8Array, start: number, size: number, hash: number): number {
    const id = this.#free.pop() ?? this.#count++
    if ((id + 1) * FIELDS > this.#fields.length)
      this.#fields = resized(this.#fields, this.#fields.length * 2)
    const field = id * FIELDS
    this.#fields[field + HASH] = hash
    this.#fields[field + START] = this.#append(data, start, start + size)
    this.#fields[field + SIZE] = size
    this.#fields[field + HOLDERS] = 0
    this.#fields[field + ABOUT] = 0
    this.#idle++
    this.#unsorted.push(id)
    if (this.size * 2 > this.#places.length) this.#spread(this.#places.length * 2)
    else this.#place(id)
    return id
  }

  #append(data: Uint8Array, start: number, end: number): number {
    const from = this.#end
    const until = from + end - start
    if (until > this.#data.length) {
      const longer = Buffer.allocUnsafeSlow(Math.max(until, this.#data.length * 2))
      longer.set(this.#data.subarray(0, from))
      this.#data = longer
      this.#view = viewOf(longer)
    }
    for (let i = start, to = from; i < end; i++, to++) this.#data[to] = data[i] as number
    this.#end = until
    return from
  }

  #place(id: number): void {
    const mask = this.#places.length - 1
    let at = (this.#fields[id * FIELDS + HASH] as number) & mask
    while (this.#places[at] !== 0) at = (at + 1) & mask
    this.#places[at] = id + 1
  }

  /** Places all keys anew. */
  #spread(placeCount: number): void {
    this.#places = new Int32Array(placeCount)
    for (const id of this.#sorted) this.#place(id)
    for (const id of this.#unsorted) this.#place(id)
  }

  /** Bytes and places of what is left; bytes that were given out stay as they are. */
  #compact(): void {
    const before = this.#data
    let bytes = 0
    for (const id of this.#sorted) bytes += this.sizeOf(id)
    this.#data = Buffer.allocUnsafeSlow(Math.max(BYTES_FIRST, bytes * 2))
    this.#view = viewOf(this.#data)
    this.#end = 0
    for (const id of this.#sorted) {
      const start = this.startOf(id)
      this.#fields[id * FIELDS + START] = this.#append(before, start, start + this.sizeOf(id))
    }
    let placeCount = KEYS_FIRST * 2
    while (placeCount < this.size * 2) placeCount *= 2
    this.#spread(placeCount)
  }

  #sort(): void {
    const added = this.#inOrder(this.#unsorted)
    const sorted = this.#sorted
    const merged = new Int32Array(sorted.length + added.length)
    let to = 0
    let from = 0
    for (const id of added) {
      const until = this.#firstAfter(sorted, from, id)
      while (from < until) merged[to++] = sorted[from++] as number
      merged[to++] = id
    }
    merged.set(sorted.subarray(from), to)
    this.#sorted = merged
    this.#unsorted = []
    this.#rank()
  }

  /**
   * Perf: by what begins where they differ, as a number each; by all of their bytes where that is
   * the same.
   */
  #inOrder(ids: readonly number[]): number[] {
    const from = this.#commonSize(ids)
    const heads = Float64Array.from(ids, id => this.#head(id, from))
    const places = Array.from(ids, (_, place) => place)
    places.sort((left, right) => {
      const difference = (heads[left] as number) - (heads[right] as number)
      return difference === 0
        ? this.#compare(ids[left] as number, ids[right] as number)
        : difference
    })
    return places.map(place => ids[place] as number)
  }

  /** How many bytes all of them begin with. */
  #commonSize(ids: readonly number[]): number {
    const data = this.#data
    const first = this.startOf(ids[0] as number)
    let size = this.sizeOf(ids[0] as number)
    for (const id of ids) {
      const start = this.startOf(id)
      size = Math.min(size, this.sizeOf(id))
      let same = 0
      while (same < size && data[first + same] === data[start + same]) same++
      size = same
    }
    return size
  }

  /** Six bytes as a number, those beyond the end as 0. */
  #head(id: number, from: number): number {
    const start = this.startOf(id)
    const size = this.sizeOf(id)
    let head = 0
    for (let i = from; i < from + 6; i++) {
      head = head * 256 + (i < size ? (this.#data[start + i] as number) : 0)
    }
    return head
  }

  /** The first place from `from` on that comes after a key: by growing steps, then halves. */
  #firstAfter(sorted: Int32Array, from: number, id: number): number {
    let first = from
    let step = 1
    while (first + step <= sorted.length && this.#isBefore(sorted, first + step - 1, id)) {
      first += step
      step *= 2
    }
    let last = Math.min(sorted.length, first + step - 1)
    while (first < last) {
      const middle = (first + last) >>> 1
      if (this.#isBefore(sorted, middle, id)) first = middle + 1
      else last = middle
    }
    return first
  }

  #isBefore(sorted: Int32Array, at: number, id: number): boolean {
    return this.#compare(sorted[at] as number, id) < 0
  }

  #rank(): void {
    const capacity = this.#fields.length / FIELDS
    if (this.#ranks.length < this.#count) this.#ranks = new Int32Array(capacity)
    for (let rank = 0; rank < this.#sorted.length; rank++) {
      this.#ranks[this.#sorted[rank] as number] = rank
    }
  }

  #compare(left: number, right: number): number {
    const data = this.#data
    const leftSize = this.sizeOf(left)
    const rightSize = this.sizeOf(right)
    const size = Math.min(leftSize, rightSize)
    const leftAt = this.startOf(left)
    const rightAt = this.startOf(right)
    for (let i = 0; i < size; i++) {
      const difference = (data[leftAt + i] as number) - (data[rightAt + i] as number)
      if (difference !== 0) return difference
    }
    return leftSize - rightSize
  }

  #write(text: string): number {
    if (text.length > this.#scratch.length) {
      this.#scratch = Buffer.allocUnsafeSlow(text.length * 2)
      this.#scratchView = viewOf(this.#scratch)
    }
    return this.#scratch.write(text, 'latin1')
  }
}
