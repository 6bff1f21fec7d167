/**
 * Where the entry of (bucket, key) is, and which entries a bucket has.
 *
 * An entry is a slot: a number from 0 by which whoever keeps something of it finds it in an array
 * of his own.
 *
 * Perf: open addressing over typed arrays, and lists through the slots themselves: a bucket of one
 * entry costs no more than one of many does per entry.
 */
import { resized } from '../util/resized.ts'

export interface Bucket {
  readonly bucket: number
  /** From 1; no other bucket has it. */
  readonly id: number
  readonly hash: number
  /** The first of its slots; -1 = none. */
  first: number
  /** Its slots, those that are gone among them. */
  size: number
  /** Slots that have a value. */
  live: number
  /** The space has no entry of it that is not in memory. */
  isWhole: boolean
  /** Nothing of it may be let go. */
  isPinned: boolean
}

const ID_MAX = 2 ** 31 - 1
const FIELDS = 4
const KEY = 0
const HASH = 1
const NEXT = 2
const PREVIOUS = 3
/** More than memory has room for. */
const SLOTS_MAX = 2 ** 26

export class SlotIndex {
  #fields = new Int32Array(0)
  /** Numbers of the buckets, by slot. */
  #buckets = new Float64Array(0)
  /** Slots + 1 by hash; 0 = free. */
  #places = new Int32Array(2)
  #count = 0

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
    const places = this.#places
    const mask = places.length - 1
    for (let at = hashOf(bucket, key) & mask; ; at = (at + 1) & mask) {
      const slot = (places[at] as number) - 1
      if (slot < 0) return -1
      const isKey = this.#fields[slot * FIELDS + KEY] === key
      if (isKey && this.#buckets[slot] === bucket.bucket) return slot
    }
  }

  /** Says which entry a slot is, without adding it. */
  name(slot: number, bucket: number, key: number): void {
    this.#fields[slot * FIELDS + KEY] = key
    this.#buckets[slot] = bucket
  }

  add(slot: number, bucket: Bucket, key: number): void {
    this.name(slot, bucket.bucket, key)
    const fields = this.#fields
    const field = slot * FIELDS
    fields[field + HASH] = hashOf(bucket, key)
    fields[field + NEXT] = bucket.first
    fields[field + PREVIOUS] = -1
    if (bucket.first >= 0) fields[bucket.first * FIELDS + PREVIOUS] = slot
    bucket.first = slot
    bucket.size++
    this.#count++
    if (this.#count * 2 > this.#places.length) this.#spread()
    this.#place(slot)
  }

  remove(slot: number, bucket: Bucket): void {
    const fields = this.#fields
    const next = fields[slot * FIELDS + NEXT] as number
    const previous = fields[slot * FIELDS + PREVIOUS] as number
    if (previous < 0) bucket.first = next
    else fields[previous * FIELDS + NEXT] = next
    if (next >= 0) fields[next * FIELDS + PREVIOUS] = previous
    bucket.size--
    this.#count--
    this.#leave(slot)
  }

  /** Slots of a bucket, in no order that means anything. */
  slotsOf(bucket: Bucket): Int32Array {
    const slots = new Int32Array(bucket.size)
    let slot = bucket.first
    for (let i = 0; i < slots.length; i++) {
      slots[i] = slot
      slot = this.#fields[slot * FIELDS + NEXT] as number
    }
    return slots
  }

  /** Slots of a bucket by the ranks of their keys. */
  sorted(bucket: Bucket, ranks: Int32Array): Int32Array {
    const slots = this.slotsOf(bucket)
    // Perf: numbers sort without a call for each pair.
    const order = new Float64Array(slots.length)
    for (let i = 0; i < slots.length; i++) {
      order[i] = (ranks[this.keyOf(slots[i] as number)] as number) * SLOTS_MAX + i
    }
    order.sort()
    const sorted = new Int32Array(slots.length)
    for (let i = 0; i < slots.length; i++)
      sorted[i] = slots[(order[i] as number) % SLOTS_MAX] as number
    return sorted
  }

  /** Forgets all slots; buckets are void. */
  clear(): void {
    this.#places.fill(0)
    this.#count = 0
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

let lastId = 0

export function newBucket(bucket: number, isWhole: boolean): Bucket {
  const hash = Math.imul((bucket | 0) ^ Math.imul(Math.floor(bucket / 2 ** 32), 31), 0x2c1b3c6d)
  lastId = lastId === ID_MAX ? 1 : lastId + 1
  return {
    bucket,
    id: lastId,
    hash: hash ^ (hash >>> 13),
    first: -1,
    size: 0,
    live: 0,
    isWhole,
    isPinned: false,
  }
}

/** It has entries, or the space may have some. */
export function isThere(bucket: Bucket | undefined): boolean {
  return bucket !== undefined && (bucket.live > 0 || !bucket.isWhole)
}
