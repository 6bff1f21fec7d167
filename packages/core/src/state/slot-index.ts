/**
 * Where the entry of (bucket, key) is, and which entries a bucket has.
 *
 * An entry is a slot: a number from 0 by which whoever keeps something of it finds it in an array
 * of his own.
 *
 * Perf: open addressing over typed arrays, and lists through the slots themselves: a bucket of one
 * entry costs no more than one of many does per entry. A bucket that has a good part of all keys is
 * an array by their numbers instead: nothing is hashed, and it goes as a whole.
 */
import { resized } from '../util/resized.ts'
import type { KeyTable } from './key-table.ts'

export interface Bucket {
  readonly bucket: number
  readonly hash: number
  /** The first of its slots; -1 = none, or it is an array. */
  first: number
  /** Slots + 1 by the numbers of their keys, 0 = none; null: it is a list. */
  byKey: Int32Array | null
  /** Its slots, those that are gone among them. */
  size: number
  /** Slots that have a value. */
  live: number
  /** The space has no entry of it that is not in memory. */
  isWhole: boolean
  /** Nothing of it may be let go. */
  isPinned: boolean
}

const FIELDS = 4
const KEY = 0
const HASH = 1
const NEXT = 2
const PREVIOUS = 3
/** A list with so many slots becomes an array, if that has no more places for each. */
const ARRAY_SLOTS_MIN = 64
const ARRAY_PLACES_MAX = 8
/** An array that would have more becomes a list again. */
const LIST_PLACES_MIN = 2 * ARRAY_PLACES_MAX

export class SlotIndex {
  #fields = new Int32Array(0)
  /** Numbers of the buckets, by slot. */
  #buckets = new Float64Array(0)
  /** Slots + 1 by hash, of lists; 0 = free. */
  #places = new Int32Array(2)
  #listed = 0
  /** Keys have numbers below. */
  #keys = 0
  /** The array of a bucket that is gone and was worth it, all 0; null = none. */
  #spare: Int32Array | null = null

  /** Room for so many slots. */
  resize(capacity: number): void {
    this.#fields = resized(this.#fields, capacity * FIELDS)
    this.#buckets = resized(this.#buckets, capacity)
  }

  keyOf(slot: number): number {
    return this.#fields[slot * FIELDS + KEY] as number
  }

  bucketOf(slot: number): number {
    return this.#buckets[slot] as number
  }

  /** -1: the bucket has no such key. */
  find(bucket: Bucket, key: number): number {
    const { byKey } = bucket
    if (byKey !== null) return key < byKey.length ? (byKey[key] as number) - 1 : -1
    const places = this.#places
    const mask = places.length - 1
    for (let at = hashOf(bucket, key) & mask; ; at = (at + 1) & mask) {
      const slot = (places[at] as number) - 1
      if (slot < 0) return -1
      if (this.keyOf(slot) === key && this.bucketOf(slot) === bucket.bucket) return slot
    }
  }

  /** Says which entry a slot is, without adding it. */
  name(slot: number, bucket: number, key: number): void {
    this.#fields[slot * FIELDS + KEY] = key
    this.#buckets[slot] = bucket
  }

  add(slot: number, bucket: Bucket, key: number): void {
    this.name(slot, bucket.bucket, key)
    if (key >= this.#keys) this.#keys = key + 1
    const { byKey } = bucket
    if (byKey !== null && key < byKey.length) byKey[key] = slot + 1
    else if (byKey !== null) this.#widen(slot, bucket, key)
    else this.#list(slot, bucket)
    bucket.size++
    if (bucket.byKey === null) this.#arrange(bucket)
  }

  remove(slot: number, bucket: Bucket): void {
    bucket.size--
    if (bucket.byKey === null) this.#unlist(slot, bucket)
    else bucket.byKey[this.keyOf(slot)] = 0
  }

  /** Removes all slots of a bucket. */
  removeAll(bucket: Bucket): void {
    const { byKey, size } = bucket
    if (byKey === null) for (const slot of this.slotsOf(bucket)) this.#leave(slot)
    else if (byKey.length <= size * ARRAY_PLACES_MAX) this.#spare = byKey.fill(0)
    bucket.first = -1
    bucket.byKey = null
    bucket.size = 0
  }

  /** Slots of a bucket, in no order that means anything. */
  slotsOf({ size, byKey, first }: Bucket): Int32Array {
    const slots = new Int32Array(size)
    if (byKey === null) {
      let slot = first
      for (let i = 0; i < size; i++) {
        slots[i] = slot
        slot = this.#fields[slot * FIELDS + NEXT] as number
      }
    } else {
      for (let key = 0, i = 0; i < size; key++) {
        const slot = (byKey[key] as number) - 1
        if (slot >= 0) slots[i++] = slot
      }
    }
    return slots
  }

  /** The slots in the order of the bytes of their keys. */
  sorted(slots: Int32Array, keys: Pick<KeyTable, 'orderOf'>): Int32Array {
    const ids = new Int32Array(slots.length)
    for (let i = 0; i < ids.length; i++) ids[i] = this.keyOf(slots[i] as number)
    const order = keys.orderOf(ids)
    for (let i = 0; i < order.length; i++) order[i] = slots[order[i] as number] as number
    return order
  }

  /** Forgets all slots; buckets are void. */
  clear(): void {
    this.#places.fill(0)
    this.#listed = 0
  }

  #list(slot: number, bucket: Bucket): void {
    const fields = this.#fields
    const field = slot * FIELDS
    fields[field + HASH] = hashOf(bucket, this.keyOf(slot))
    fields[field + NEXT] = bucket.first
    fields[field + PREVIOUS] = -1
    if (bucket.first >= 0) fields[bucket.first * FIELDS + PREVIOUS] = slot
    bucket.first = slot
    this.#listed++
    if (this.#listed * 2 > this.#places.length) this.#spread()
    this.#place(slot)
  }

  #unlist(slot: number, bucket: Bucket): void {
    const fields = this.#fields
    const next = fields[slot * FIELDS + NEXT] as number
    const previous = fields[slot * FIELDS + PREVIOUS] as number
    if (previous < 0) bucket.first = next
    else fields[previous * FIELDS + NEXT] = next
    if (next >= 0) fields[next * FIELDS + PREVIOUS] = previous
    this.#leave(slot)
  }

  /** Makes an array of a list that has grown. Perf: that is thought of once in a while. */
  #arrange(bucket: Bucket): void {
    if (bucket.size % ARRAY_SLOTS_MIN !== 0) return
    const byKey = this.#arrayFor(bucket)
    if (byKey === null) return
    for (const slot of this.slotsOf(bucket)) {
      byKey[this.keyOf(slot)] = slot + 1
      this.#leave(slot)
    }
    bucket.first = -1
    bucket.byKey = byKey
  }

  /**
   * Null: it is not worth one.
   *
   * Perf: the array of the window before is there, and windows are much alike. Where one had 95,000
   * of 400,000 keys, half of it was a list first; the operator and its commits alone take 0.94 of
   * the time that they did.
   */
  #arrayFor({ size }: Bucket): Int32Array | null {
    const spare = this.#spare
    if (spare !== null && spare.length >= this.#keys) {
      this.#spare = null
      return spare
    }
    return this.#keys > size * ARRAY_PLACES_MAX ? null : new Int32Array(this.#keys)
  }

  /** Adds a slot whose key lies behind the end of the array. */
  #widen(slot: number, bucket: Bucket, key: number): void {
    const byKey = bucket.byKey as Int32Array
    const length = Math.max(this.#keys, byKey.length * 2)
    if (key < bucket.size * LIST_PLACES_MIN) {
      bucket.byKey = resized(byKey, Math.min(length, bucket.size * LIST_PLACES_MIN))
      bucket.byKey[key] = slot + 1
      return
    }
    const slots = this.slotsOf(bucket)
    bucket.byKey = null
    for (const each of slots) this.#list(each, bucket)
    this.#list(slot, bucket)
  }

  #place(slot: number): void {
    const mask = this.#places.length - 1
    let at = (this.#fields[slot * FIELDS + HASH] as number) & mask
    while (this.#places[at] !== 0) at = (at + 1) & mask
    this.#places[at] = slot + 1
  }

  #spread(): void {
    const before = this.#places
    this.#places = new Int32Array(before.length * 2)
    for (const place of before) if (place !== 0) this.#place(place - 1)
  }

  /** What stands behind it and would be looked for before it moves up. */
  #leave(slot: number): void {
    this.#listed--
    const places = this.#places
    const mask = places.length - 1
    let hole = (this.#fields[slot * FIELDS + HASH] as number) & mask
    while (places[hole] !== slot + 1) hole = (hole + 1) & mask
    for (let at = (hole + 1) & mask; places[at] !== 0; at = (at + 1) & mask) {
      const home = this.#fields[((places[at] as number) - 1) * FIELDS + HASH] as number
      if (((at - home) & mask) < ((at - hole) & mask)) continue
      places[hole] = places[at] as number
      hole = at
    }
    places[hole] = 0
  }
}

function hashOf(bucket: Bucket, key: number): number {
  const hash = Math.imul(key ^ bucket.hash, 0x9e3779b1)
  return hash ^ (hash >>> 15)
}

export function newBucket(bucket: number, isWhole: boolean): Bucket {
  const hash = Math.imul((bucket | 0) ^ Math.imul(Math.floor(bucket / 2 ** 32), 31), 0x2c1b3c6d)
  return {
    bucket,
    hash: hash ^ (hash >>> 13),
    first: -1,
    byKey: null,
    size: 0,
    live: 0,
    isWhole,
    isPinned: false,
  }
}
