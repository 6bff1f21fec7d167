/**
 * The keys of a store: bytes, each with a number of its own while somebody holds it.
 *
 * A key is looked up by its bytes, once for a record; from there on it is its number. Keys that
 * nobody holds stay until there are many of them (`sweep`), as the next window is likely to have
 * them again.
 *
 * Perf: open addressing over typed arrays. What a look-up reads of a key (hash, place, size) lies
 * side by side, and so do all bytes of a short one.
 */
import { resized } from '../util/resized.ts'
import { hashOf, isSame, viewOf } from './key-bytes.ts'
import { keyOrder } from './key-order.ts'
import { KeyRanks } from './key-ranks.ts'

const FIELDS = 8
const HASH = 0
const START = 1
const SIZE = 2
const HOLDERS = 3
/** A number of its owner. */
const NOTE = 4

/** The first four bytes, the next four, and the last four of a short key, which may overlap. */
const WORDS = 5
const SHORT = 12

/** In place of where a key starts: it is another one, or the same. */
const OTHER = -1
const SAME = -2

const KEYS_FIRST = 16
const BYTES_FIRST = 256
/** In the place of the holders: the number is free. */
const FREE = -1
/** Keys that nobody holds, beside as many as are held. */
const IDLE_MIN = 1024
/** Ranges of bytes that are keys. */
export interface ByteRanges {
  readonly data: Uint8Array
  readonly start: Int32Array
  readonly size: Int32Array
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
  readonly #ranks = new KeyRanks()
  #version = 0
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

  /** Changes when a key is added. */
  get version(): number {
    return this.#version
  }

  /** The numbers of all keys, ascending. */
  ids(): Int32Array {
    const ids = new Int32Array(this.size)
    for (let id = 0, at = 0; id < this.#count; id++) if (this.#isThere(id)) ids[at++] = id
    return ids
  }

  /** Places in `ids`, in the order of the bytes of the keys; no key is there twice. */
  orderOf(ids: Int32Array): Int32Array {
    return this.#ranks.order(ids, this) ?? keyOrder(ids, this)
  }

  startOf(id: number): number {
    return this.#fields[id * FIELDS + START] as number
  }

  sizeOf(id: number): number {
    return this.#fields[id * FIELDS + SIZE] as number
  }

  /** Where the bytes of keys are; good as `data` is. */
  rangesOf(ids: Int32Array): ByteRanges {
    const { length } = ids
    const start = new Int32Array(length)
    const size = new Int32Array(length)
    const fields = this.#fields
    for (let i = 0; i < length; i++) {
      const field = (ids[i] as number) * FIELDS
      start[i] = fields[field + START] as number
      size[i] = fields[field + SIZE] as number
    }
    return { data: this.#data, start, size }
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

  /**
   * The numbers of the keys at some of the ranges, new ones where there are none.
   *
   * Perf: what a look-up reads lies anywhere in memory, and waiting for it is most of its time. So
   * it is asked for in loops that wait for nothing: first the places, then what these point to.
   */
  atAll({ data, start, size }: ByteRanges, indices: Int32Array): Int32Array {
    const view = viewOf(data)
    const count = indices.length
    const hashes = new Int32Array(count)
    const ids = new Int32Array(count)
    for (let i = 0; i < count; i++) {
      const index = indices[i] as number
      hashes[i] = hashOf(view, start[index] as number, size[index] as number)
    }
    const places = this.#places
    const mask = places.length - 1
    for (let i = 0; i < count; i++) ids[i] = (places[(hashes[i] as number) & mask] as number) - 1
    const fields = this.#fields
    const starts = new Int32Array(count)
    for (let i = 0; i < count; i++) {
      const index = indices[i] as number
      const bytes = size[index] as number
      const id = ids[i] as number
      const field = Math.max(0, id) * FIELDS
      const isLike = id >= 0 && fields[field + HASH] === hashes[i] && fields[field + SIZE] === bytes
      if (!isLike) starts[i] = OTHER
      else if (bytes < 4 || bytes > SHORT) starts[i] = fields[field + START] as number
      else
        starts[i] = isSameShort(view, start[index] as number, bytes, fields, field) ? SAME : OTHER
    }
    for (let i = 0; i < count; i++) {
      const from = starts[i] as number
      if (from === SAME) continue
      const index = indices[i] as number
      const at = start[index] as number
      const bytes = size[index] as number
      if (from !== OTHER && isSame(view, at, this.#view, from, bytes)) continue
      const hash = hashes[i] as number
      const known = this.#find(view, at, bytes, hash)
      ids[i] = known < 0 ? this.#add(data, at, bytes, hash) : known
    }
    return ids
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

  /** What was noted of a key last; of no meaning when nothing was. */
  noteOf(id: number): number {
    return this.#fields[id * FIELDS + NOTE] as number
  }

  /** Its owner says something of a key. */
  note(id: number, note: number): void {
    this.#fields[id * FIELDS + NOTE] = note
  }

  /** Forgets keys that nobody holds, where there are many. Numbers that are not held are void. */
  sweep(): void {
    const held = this.size - this.#idle
    if (this.#idle <= held + IDLE_MIN) return
    for (let id = 0; id < this.#count; id++) {
      const holders = id * FIELDS + HOLDERS
      if (this.#fields[holders] !== 0) continue
      this.#fields[holders] = FREE
      this.#free.push(id)
    }
    this.#idle = 0
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
    this.#version++
    if ((id + 1) * FIELDS > this.#fields.length)
      this.#fields = resized(this.#fields, this.#fields.length * 2)
    const field = id * FIELDS
    this.#fields[field + HASH] = hash
    this.#fields[field + START] = this.#append(data, start, start + size)
    this.#fields[field + SIZE] = size
    this.#fields[field + HOLDERS] = 0
    this.#putWords(field)
    this.#idle++
    if (this.size * 2 > this.#places.length) this.#spread(this.#places.length * 2)
    else this.#place(id)
    return id
  }

  #putWords(field: number): void {
    const start = this.#fields[field + START] as number
    const size = this.#fields[field + SIZE] as number
    if (size < 4 || size > SHORT) return
    this.#fields[field + WORDS] = this.#view.getInt32(start, true)
    if (size > 8) this.#fields[field + WORDS + 1] = this.#view.getInt32(start + 4, true)
    this.#fields[field + WORDS + 2] = this.#view.getInt32(start + size - 4, true)
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
    for (let id = 0; id < this.#count; id++) if (this.#isThere(id)) this.#place(id)
  }

  /** Bytes and places of what is left; bytes that were given out stay as they are. */
  #compact(): void {
    const before = this.#data
    let bytes = 0
    for (let id = 0; id < this.#count; id++) if (this.#isThere(id)) bytes += this.sizeOf(id)
    this.#data = Buffer.allocUnsafeSlow(Math.max(BYTES_FIRST, bytes * 2))
    this.#view = viewOf(this.#data)
    this.#end = 0
    for (let id = 0; id < this.#count; id++) {
      if (!this.#isThere(id)) continue
      const start = this.startOf(id)
      this.#fields[id * FIELDS + START] = this.#append(before, start, start + this.sizeOf(id))
    }
    let placeCount = KEYS_FIRST * 2
    while (placeCount < this.size * 2) placeCount *= 2
    this.#spread(placeCount)
  }

  #isThere(id: number): boolean {
    return this.#fields[id * FIELDS + HOLDERS] !== FREE
  }

  #write(text: string): number {
    if (text.length > this.#scratch.length) {
      this.#scratch = Buffer.allocUnsafeSlow(text.length * 2)
      this.#scratchView = viewOf(this.#scratch)
    }
    return this.#scratch.write(text, 'latin1')
  }
}

function isSameShort(
  data: DataView,
  at: number,
  size: number,
  fields: Int32Array,
  field: number,
): boolean {
  if (data.getInt32(at, true) !== fields[field + WORDS]) return false
  if (size > 8 && data.getInt32(at + 4, true) !== fields[field + WORDS + 1]) return false
  return data.getInt32(at + size - 4, true) === fields[field + WORDS + 2]
}
