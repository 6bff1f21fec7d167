/**
 * The latest value of each key: entries copied one after the other into bytes of the table's own,
 * found by the bytes of their keys.
 *
 * Perf: open addressing over typed arrays, as in key-table.ts, without its order, its notes and
 * its keys that nobody holds: what comes and goes here are keys, some 100,000 in a second. A value
 * takes the place of the one before where it fits.
 */
import { resized } from '../util/resized.ts'
import { WrittenEntry } from './entry-writer.ts'
import { hashOf, isSame, viewOf } from './key-bytes.ts'

const FIELDS = 5
const HASH = 0
const START = 1
/** Of the value; -1: the entry is a deletion. */
const VALUE_SIZE = 2
const KEY_SIZE = 3
/** Bytes it may take where it is; -1: there is no such entry. */
const ROOM = 4

const ENTRIES_FIRST = 16
const BYTES_FIRST = 1024
const GROWTH = 1.5

export class EntryTable {
  #data: Buffer = Buffer.allocUnsafeSlow(BYTES_FIRST)
  #view: DataView = viewOf(this.#data)
  #end = 0
  /** Bytes before the end that are no entry's. */
  #unused = 0
  #fields = new Int32Array(ENTRIES_FIRST * FIELDS)
  /** Numbers + 1 by hash; 0 = free. */
  #places = new Int32Array(ENTRIES_FIRST * 2)
  /** Numbers given out so far, those given back among them. */
  #count = 0
  readonly #free: number[] = []
  #page: Buffer = this.#data
  #pageView: DataView = this.#view

  /** Entries, deletions among them. */
  get size(): number {
    return this.#count - this.#free.length
  }

  /** What it takes of memory. */
  get bytes(): number {
    return this.#data.length + this.#fields.byteLength + this.#places.byteLength
  }

  /** The number of an entry, for the other methods; -1: there is none of this key. */
  find(key: WrittenEntry): number {
    this.#read(key.page)
    const size = key.keyEnd - key.start
    return this.#find(key.start, size, hashOf(this.#pageView, key.start, size))
  }

  /** Takes the place of what the key had. */
  put(entry: WrittenEntry): void {
    const { page, start, keyEnd, bytes } = entry
    this.#read(page)
    const keySize = keyEnd - start
    const hash = hashOf(this.#pageView, start, keySize)
    const known = this.#find(start, keySize, hash)
    const id = known < 0 ? this.#add(hash, keySize) : known
    const room = known < 0 ? 0 : (this.#fields[id * FIELDS + ROOM] as number)
    if (bytes > room) {
      this.#unused += room
      this.#fields[id * FIELDS + ROOM] = 0
      const to = this.#reserve(bytes)
      this.#fields[id * FIELDS + START] = to
      this.#fields[id * FIELDS + ROOM] = bytes
    }
    copy(this.#pageView, start, bytes, this.#view, this.#fields[id * FIELDS + START] as number)
    this.#fields[id * FIELDS + VALUE_SIZE] = entry.end < 0 ? -1 : bytes - keySize
  }

  remove(id: number): void {
    this.#unplace(id)
    this.#unused += this.#fields[id * FIELDS + ROOM] as number
    this.#fields[id * FIELDS + ROOM] = -1
    this.#free.push(id)
  }

  /** Good until the next change. */
  at(id: number): WrittenEntry {
    const field = id * FIELDS
    const start = this.#fields[field + START] as number
    const keyEnd = start + (this.#fields[field + KEY_SIZE] as number)
    const valueSize = this.#fields[field + VALUE_SIZE] as number
    return new WrittenEntry(this.#data, start, keyEnd, valueSize < 0 ? -1 : keyEnd + valueSize)
  }

  /** The numbers of all entries, in no order; each may be removed when it was given. */
  *ids(): Generator<number> {
    for (let id = 0; id < this.#count; id++) {
      if ((this.#fields[id * FIELDS + ROOM] as number) >= 0) yield id
    }
  }

  #read(page: Buffer): void {
    if (this.#page === page) return
    this.#page = page
    this.#pageView = viewOf(page)
  }

  #find(start: number, size: number, hash: number): number {
    const places = this.#places
    const fields = this.#fields
    const mask = places.length - 1
    for (let at = hash & mask; ; at = (at + 1) & mask) {
      const id = (places[at] as number) - 1
      if (id < 0) return -1
      const field = id * FIELDS
      if (fields[field + HASH] !== hash || fields[field + KEY_SIZE] !== size) continue
      if (isSame(this.#pageView, start, this.#view, fields[field + START] as number, size)) {
        return id
      }
    }
  }

  #add(hash: number, keySize: number): number {
    const id = this.#free.pop() ?? this.#count++
    if ((id + 1) * FIELDS > this.#fields.length) {
      this.#fields = resized(this.#fields, this.#fields.length * 2)
    }
    this.#fields[id * FIELDS + HASH] = hash
    this.#fields[id * FIELDS + KEY_SIZE] = keySize
    this.#fields[id * FIELDS + ROOM] = 0
    if (this.size * 2 > this.#places.length) this.#spread()
    else this.#place(id)
    return id
  }

  #place(id: number): void {
    const mask = this.#places.length - 1
    let at = (this.#fields[id * FIELDS + HASH] as number) & mask
    while (this.#places[at] !== 0) at = (at + 1) & mask
    this.#places[at] = id + 1
  }

  /** Places all entries anew. */
  #spread(): void {
    this.#places = new Int32Array(this.#places.length * 2)
    for (const id of this.ids()) this.#place(id)
  }

  /** Frees its place; what had to go on past it moves up. */
  #unplace(id: number): void {
    const places = this.#places
    const mask = places.length - 1
    let free = (this.#fields[id * FIELDS + HASH] as number) & mask
    while (places[free] !== id + 1) free = (free + 1) & mask
    for (let at = (free + 1) & mask; places[at] !== 0; at = (at + 1) & mask) {
      const wanted = (this.#fields[((places[at] as number) - 1) * FIELDS + HASH] as number) & mask
      // It stays where its own place comes after the free one.
      if (((at - wanted) & mask) < ((at - free) & mask)) continue
      places[free] = places[at] as number
      free = at
    }
    places[free] = 0
  }

  /** So many bytes at the end. */
  #reserve(bytes: number): number {
    if (this.#end + bytes > this.#data.length) this.#renew(bytes)
    const from = this.#end
    this.#end += bytes
    return from
  }

  /** Bytes for what there is and `more`, without those that are unused. */
  #renew(more: number): void {
    const before = this.#view
    const wanted = (this.#end - this.#unused + more) * GROWTH
    this.#data = Buffer.allocUnsafeSlow(Math.max(BYTES_FIRST, Math.ceil(wanted)))
    this.#view = viewOf(this.#data)
    this.#end = 0
    this.#unused = 0
    for (const id of this.ids()) {
      const field = id * FIELDS
      const valueSize = Math.max(0, this.#fields[field + VALUE_SIZE] as number)
      // An entry that is being put has no room yet, and its bytes are elsewhere.
      const isThere = (this.#fields[field + ROOM] as number) > 0
      const bytes = isThere ? (this.#fields[field + KEY_SIZE] as number) + valueSize : 0
      copy(before, this.#fields[field + START] as number, bytes, this.#view, this.#end)
      this.#fields[field + START] = this.#end
      this.#fields[field + ROOM] = bytes
      this.#end += bytes
    }
  }
}

/** Perf: four bytes at a time. The call of a built-in took most of the time of `put`. */
function copy(from: DataView, start: number, bytes: number, to: DataView, at: number): void {
  let i = 0
  for (; i + 4 <= bytes; i += 4) to.setInt32(at + i, from.getInt32(start + i))
  for (; i < bytes; i++) to.setUint8(at + i, from.getUint8(start + i))
}
