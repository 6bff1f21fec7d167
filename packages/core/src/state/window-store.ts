/**
 * The live state of a windowed step: what each group has accumulated in each window that is open.
 *
 * Values are objects, found by (window end, group key); they become bytes only when `seal` asks for
 * what has changed since the last time, once per checkpoint. A group key is a string of one
 * character per byte (latin1), whose order is the order of the bytes. The distinct ends are in a
 * heap, one entry each, so the next window to close is at hand however many groups there are.
 *
 * An entry goes  set → changed → seal → stored  and, from either, by  takeEnd → gone, to be deleted
 * if it was stored.
 */
import { expectEnd } from '../record/format/format-check.ts'
import { readStateKey, storeOfKey, writeStateKey } from '../record/format/state-key.ts'
import { assert } from '../util/assert.ts'
import { ByteReader } from '../util/byte-reader.ts'
import { ByteWriter } from '../util/byte-writer.ts'
import { Heap } from '../util/heap.ts'
import type { StateEntry } from './state-backend.ts'

/** The stored form of a value. */
export interface ValueCodec<V> {
  write(value: V, out: ByteWriter): void
  /** @throws FORMAT_UNKNOWN */
  read(from: ByteReader): V
}

interface Entry<V> {
  readonly end: number
  readonly key: string
  value: V
  /** Differs from what was sealed last. */
  isChanged: boolean
  /** Was sealed or restored: others know of it. */
  isStored: boolean
  isGone: boolean
}

export class WindowStore<V> {
  readonly #store: number
  readonly #codec: ValueCodec<V>
  readonly #windows = new Map<number, Map<string, Entry<V>>>()
  readonly #ends = new Heap<number>((left, right) => left < right)
  /** The ends that are in the heap; some of them may have no window any more. */
  readonly #queued = new Set<number>()
  /** Changed entries, and stored entries that are gone, in the order of their first change. */
  #pending: Entry<V>[] = []
  #size = 0

  /** @param store number of the store in its task, from 1. */
  constructor(store: number, codec: ValueCodec<V>) {
    assert(Number.isSafeInteger(store) && store >= 1, `a store has a number from 1, not ${store}`)
    this.#store = store
    this.#codec = codec
  }

  /** Entries in all windows. */
  get size(): number {
    return this.#size
  }

  get(end: number, key: string): V | undefined {
    return this.#windows.get(end)?.get(key)?.value
  }

  /** Puts a value; also tells that a value which `get` gave was changed in place. */
  set(end: number, key: string, value: V): void {
    const entry = this.#windows.get(end)?.get(key) ?? this.#add(end, key, value)
    entry.value = value
    if (entry.isChanged) return
    entry.isChanged = true
    this.#pending.push(entry)
  }

  /** The end of the window that closes next; undefined when none is open. */
  smallestEnd(): number | undefined {
    for (;;) {
      const end = this.#ends.peek()
      if (end === undefined || this.#windows.has(end)) return end
      this.#ends.pop()
      this.#queued.delete(end)
    }
  }

  /** The end of the window that closes last; undefined when none is open. */
  greatestEnd(): number | undefined {
    let greatest: number | undefined
    for (const end of this.#windows.keys()) {
      if (greatest === undefined || end > greatest) greatest = end
    }
    return greatest
  }

  /** Takes a window out: its groups and their values, in the byte order of the group keys. */
  takeEnd(end: number): [key: string, value: V][] {
    const window = this.#windows.get(end)
    if (window === undefined) return []
    this.#windows.delete(end)
    this.#size -= window.size
    const taken: [string, V][] = []
    for (const key of [...window.keys()].sort()) {
      const entry = window.get(key) as Entry<V>
      entry.isGone = true
      if (entry.isStored && !entry.isChanged) this.#pending.push(entry)
      taken.push([key, entry.value])
    }
    return taken
  }

  /** Every window that is open: its end, and its groups in the byte order of their keys. */
  *entries(): Generator<[end: number, groups: [key: string, value: V][]]> {
    for (const [end, window] of this.#windows) {
      const keys = [...window.keys()].sort()
      yield [end, keys.map(key => [key, (window.get(key) as Entry<V>).value])]
    }
  }

  /**
   * What has changed since the last call, in stored form: new values, and null for what is gone. An
   * entry that came and went in between is not in it; a key is in it once.
   */
  seal(): StateEntry[] {
    const pending = this.#pending
    this.#pending = []
    const out = new ByteWriter()
    const sealed: StateEntry[] = []
    for (const entry of pending) {
      if (entry.isGone) {
        const isReplaced = this.#windows.get(entry.end)?.has(entry.key) === true
        if (entry.isStored && !isReplaced)
          sealed.push({ key: this.#keyOf(entry, out), value: null })
        continue
      }
      entry.isChanged = false
      entry.isStored = true
      const key = this.#keyOf(entry, out)
      out.reset()
      this.#codec.write(entry.value, out)
      sealed.push({ key, value: out.copy() })
    }
    return sealed
  }

  /**
   * Takes stored entries in, later ones over earlier ones; null removes. Entries of other stores
   * are passed over.
   * @throws FORMAT_UNKNOWN
   */
  restore(entries: Iterable<StateEntry>): void {
    for (const { key: bytes, value } of entries) {
      if (storeOfKey(bytes) !== this.#store) continue
      const { windowEnd, groupKey } = readStateKey(bytes)
      const key = groupKey.toString('latin1')
      if (value === null) this.#remove(windowEnd, key)
      else {
        const restored = this.#read(value)
        const entry = this.#windows.get(windowEnd)?.get(key) ?? this.#add(windowEnd, key, restored)
        entry.value = restored
        entry.isStored = true
      }
    }
  }

  #add(end: number, key: string, value: V): Entry<V> {
    let window = this.#windows.get(end)
    if (window === undefined) {
      window = new Map()
      this.#windows.set(end, window)
      if (!this.#queued.has(end)) {
        this.#queued.add(end)
        this.#ends.push(end)
      }
    }
    const entry = { end, key, value, isChanged: false, isStored: false, isGone: false }
    window.set(key, entry)
    this.#size++
    return entry
  }

  #remove(end: number, key: string): void {
    const window = this.#windows.get(end)
    if (window?.delete(key) !== true) return
    this.#size--
    if (window.size === 0) this.#windows.delete(end)
  }

  #read(bytes: Uint8Array): V {
    const what = `state of store ${this.#store}`
    const from = new ByteReader(bytes, what)
    const value = this.#codec.read(from)
    expectEnd(from, what)
    return value
  }

  #keyOf(entry: Entry<V>, out: ByteWriter): Uint8Array {
    out.reset()
    writeStateKey(this.#store, entry.end, Buffer.from(entry.key, 'latin1'), out)
    return out.copy()
  }
}
