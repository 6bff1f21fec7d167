/**
 * The entries of a store that are in memory, and what they take there.
 *
 * Each is a slot (slot-index.ts), its value is in `cells` at that slot. An entry without a value is
 * gone and hides what the space still has of it, until that is deleted there too.
 *
 * Perf: no object per entry. In a tumbling window of 10,000 keys the way to a group's sums through
 * an entry, its accumulator and their states took 310 ns a record, most of it waiting for memory.
 */

import type { ByteReader } from '../util/byte-reader.ts'
import { IntList } from '../util/int-list.ts'
import { resized } from '../util/resized.ts'
import { Buckets } from './buckets.ts'
import type { Cells } from './cells.ts'
import { FreeSlots } from './free-slots.ts'
import { KeyTable } from './key-table.ts'
import { SlotBytes } from './slot-bytes.ts'
import { CHANGED, HELD, HOT, IN, LIVE, SEALED, STORED, USED } from './slot-flags.ts'
import { type Bucket, SlotIndex } from './slot-index.ts'
import type { StateMemory, Trimmed } from './state-memory.ts'

const CAPACITY_FIRST = 8

export class Slots<C extends Cells = Cells> implements Trimmed {
  readonly cells: C
  readonly keys: KeyTable = new KeyTable()
  readonly buckets: Buckets = new Buckets()
  readonly bytes: SlotBytes
  readonly #index = new SlotIndex()
  readonly #memory: StateMemory
  readonly #onGone: (bucket: number) => void
  #flags = new Uint8Array(0)
  readonly #free = new FreeSlots()
  /** Changed entries, in the order of their first change; some have changed no more. */
  readonly #changed = new IntList()
  #sealed: Int32Array = new Int32Array(0)
  #size = 0
  /** Where letting go has come to. */
  #hand = 0

  /** @param onGone told when the last entry of a bucket was let go. */
  constructor(memory: StateMemory, cells: C, onGone: (bucket: number) => void) {
    this.#memory = memory
    this.cells = cells
    this.bytes = new SlotBytes(memory, cells.weight)
    this.#onGone = onGone
    memory.join(this)
  }

  /** Entries that have a value. */
  get size(): number {
    return this.#size
  }

  /** The slot of an entry, gone or not; -1 = memory has none. */
  find(bucket: Bucket, key: number): number {
    const slot = key < 0 ? -1 : this.#index.find(bucket, key)
    if (slot >= 0) this.#flags[slot] = (this.#flags[slot] as number) | USED
    return slot
  }

  isLive(slot: number): boolean {
    return ((this.#flags[slot] as number) & LIVE) !== 0
  }

  /** The slot, which may have gone and come again, is of this bucket. */
  isIn(slot: number, { bucket }: Bucket): boolean {
    return ((this.#flags[slot] as number) & IN) !== 0 && this.bucketOf(slot) === bucket
  }

  isStored(slot: number): boolean {
    return ((this.#flags[slot] as number) & STORED) !== 0
  }

  keyOf(slot: number): number {
    return this.#index.keyOf(slot)
  }

  bucketOf(slot: number): number {
    return this.#index.bucketOf(slot)
  }

  /** The slot of a value that is about to be changed in place; begins one where there is none. */
  change(bucket: Bucket, key: number): number {
    const slot = this.#slotOf(bucket, key)
    const flags = this.#flags[slot] as number
    if ((flags & HOT) === HOT) return slot
    if ((flags & LIVE) === 0) this.#begin(bucket, slot)
    this.#flags[slot] = (this.#flags[slot] as number) | USED
    this.#change(slot)
    return slot
  }

  /** The slots of many keys, as `change` gives them. */
  changeAll(bucket: Bucket, keys: Int32Array, into: Int32Array): void {
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i] as number
      const { byKey } = bucket
      // Perf: nearly all are there, and in an array.
      const known = byKey === null || key >= byKey.length ? -1 : (byKey[key] as number) - 1
      const isHot = known >= 0 && ((this.#flags[known] as number) & HOT) === HOT
      into[i] = isHot ? known : this.change(bucket, key)
    }
  }

  /** Takes in what the space has. */
  load(bucket: Bucket, key: number, value: ByteReader, storedBytes: number): void {
    const slot = this.#create(bucket, key)
    this.#begin(bucket, slot)
    this.cells.read(slot, value)
    this.#flags[slot] = (this.#flags[slot] as number) | STORED
    this.weigh(slot, storedBytes)
  }

  /** A slot that no bucket has, for a value that is only looked at; until `giveBack`. */
  borrow(bucket: number, key: number, value: ByteReader): number {
    const slot = this.#take(bucket, key)
    this.cells.init(slot)
    this.cells.read(slot, value)
    return slot
  }

  giveBack(slot: number): void {
    this.cells.clear(slot)
    this.#forget(slot)
  }

  /** Also hides what the space may have under the key, where that is not known. */
  delete(from: Bucket, key: number): void {
    const slot = this.#index.find(from, key)
    if (slot < 0) {
      if (!from.isWhole) this.#change(this.#create(from, key))
      return
    }
    if (!this.isLive(slot)) return
    this.#end(from, slot)
    if (this.isStored(slot) || !from.isWhole) this.#change(slot)
    else {
      this.#discard(slot, from)
      this.buckets.removeEmpty(from)
    }
  }

  /** Slots of a bucket in the order of the bytes of their keys, those that are gone among them. */
  sorted(bucket: Bucket): Int32Array {
    return this.#index.sorted(this.#index.slotsOf(bucket), this.keys)
  }

  /**
   * Takes a whole bucket out.
   * @param read is shown its live slots, in the order of their keys; they are void after.
   */
  take<T>(number: number, read: (slots: Int32Array) => T): T {
    const bucket = this.buckets.at(number)
    if (bucket === undefined) return read(new Int32Array(0))
    const slots = this.#index.slotsOf(bucket)
    const sorted = this.#index.sorted(slots, this.keys)
    this.buckets.remove(bucket)
    this.#index.removeAll(bucket)
    for (let i = 0; i < slots.length; i++) {
      const slot = slots[i] as number
      this.#flags[slot] = (this.#flags[slot] as number) & ~IN
    }
    const isAllLive = bucket.live === slots.length
    const result = read(isAllLive ? sorted : sorted.filter(slot => this.isLive(slot)))
    this.#size -= bucket.live
    let gone = 0
    for (let i = 0; i < slots.length; i++) {
      const slot = slots[i] as number
      this.#clear(slot)
      if (this.isStored(slot)) this.#change(slot)
      else slots[gone++] = slot
    }
    this.#forgetAll(slots.subarray(0, gone))
    return result
  }

  /**
   * The value of an entry has been taken, and the caller tells others of it. The slot is void when
   * its bucket is dropped.
   */
  hide(slot: number, from: Bucket): void {
    const flags = this.#flags[slot] as number
    if ((flags & LIVE) !== 0) this.#end(from, slot)
    if ((flags & HELD) === CHANGED) this.bytes.unhold(slot)
    this.#flags[slot] = (this.#flags[slot] as number) & ~CHANGED
  }

  /** Drops a bucket whose entries were hidden. */
  drop(bucket: Bucket): void {
    const slots = this.#index.slotsOf(bucket)
    for (const slot of slots) this.hide(slot, bucket)
    this.#index.removeAll(bucket)
    this.#forgetAll(slots)
    this.buckets.remove(bucket)
  }

  /** Slots of all buckets, those that are gone among them. */
  *all(): Generator<number> {
    for (let slot = 0; slot < this.#free.count; slot++) {
      if (((this.#flags[slot] as number) & IN) !== 0) yield slot
    }
  }

  /** What has changed since the last call; what came and went in between is not in it. */
  seal(): Int32Array {
    const changed = this.#changed.take()
    let count = 0
    for (const slot of changed) {
      const flags = this.#flags[slot] as number
      if ((flags & CHANGED) === 0) continue
      if ((flags & IN) === 0 && this.#isReplaced(slot)) {
        this.#forget(slot)
        continue
      }
      this.#flags[slot] = (flags & ~CHANGED) | SEALED | STORED
      changed[count++] = slot
    }
    this.#sealed = changed.subarray(0, count)
    return this.#sealed
  }

  kept(): void {
    for (const slot of this.#sealed) {
      const flags = this.#flags[slot] as number
      if ((flags & SEALED) === 0) continue
      this.#flags[slot] = flags & ~SEALED
      if ((flags & CHANGED) !== 0) continue
      this.bytes.unhold(slot)
      if ((flags & LIVE) !== 0) continue
      const bucket = (flags & IN) === 0 ? undefined : this.buckets.at(this.bucketOf(slot))
      if (bucket !== undefined) this.#leave(slot, bucket)
      this.#forget(slot)
      if (bucket !== undefined) this.buckets.removeEmpty(bucket)
    }
    this.#sealed = new Int32Array(0)
    this.keys.sweep()
  }

  /** Corrects what an entry takes. */
  weigh(slot: number, storedBytes: number): void {
    const keyBytes = this.keys.sizeOf(this.keyOf(slot))
    this.bytes.weigh(slot, keyBytes, storedBytes, this.#isHeld(slot))
  }

  /** Second chance: what was used since the last time stays for once. */
  evict(bytes: number): void {
    let left = bytes
    for (let step = this.#free.count * 2; step > 0 && left > 0; step--) {
      if (this.#hand >= this.#free.count) this.#hand = 0
      const slot = this.#hand++
      const flags = this.#flags[slot] as number
      if ((flags & HELD) !== 0 || (flags & LIVE) === 0 || (flags & IN) === 0) continue
      if ((flags & USED) !== 0) this.#flags[slot] = flags & ~USED
      else left -= this.#letGo(slot)
    }
  }

  close(): void {
    this.#memory.leave(this)
    for (let slot = 0; slot < this.#free.count; slot++) this.#release(slot)
    this.buckets.clear()
  }

  #letGo(slot: number): number {
    const bucket = this.buckets.at(this.bucketOf(slot)) as Bucket
    if (bucket.isPinned) return 0
    const bytes = this.bytes.of(slot)
    bucket.isWhole = false
    this.#discard(slot, bucket)
    if (bucket.size === 0) {
      this.buckets.remove(bucket)
      this.#onGone(bucket.bucket)
    }
    return bytes
  }

  /**
   * A new one where there is none. Perf: the key's own row says where it was last, so that no list
   * need be asked.
   */
  #slotOf(bucket: Bucket, key: number): number {
    const isList = bucket.byKey === null
    const noted = isList ? this.keys.noteOf(key) : -1
    if (noted >= 0 && this.keyOf(noted) === key && this.isIn(noted, bucket)) return noted
    const found = this.#index.find(bucket, key)
    const slot = found < 0 ? this.#create(bucket, key) : found
    if (isList) this.keys.note(key, slot)
    return slot
  }

  #create(bucket: Bucket, key: number): number {
    const slot = this.#take(bucket.bucket, key)
    this.#index.add(slot, bucket, key)
    this.#flags[slot] = USED | IN
    this.bytes.begin(slot, this.keys.sizeOf(key))
    return slot
  }

  #take(bucket: number, key: number): number {
    const slot = this.#free.take()
    if (slot >= this.#flags.length) this.#grow()
    this.#index.name(slot, bucket, key)
    this.keys.hold(key)
    return slot
  }

  #grow(): void {
    const capacity = Math.max(CAPACITY_FIRST, this.#flags.length * 2)
    this.#flags = resized(this.#flags, capacity)
    this.bytes.resize(capacity)
    this.#index.resize(capacity)
    this.cells.resize(capacity)
  }

  #begin(bucket: Bucket, slot: number): void {
    if (bucket.live === 0) this.buckets.order.add(bucket.bucket)
    bucket.live++
    this.#size++
    this.#flags[slot] = (this.#flags[slot] as number) | LIVE
    this.cells.init(slot)
  }

  #end(bucket: Bucket, slot: number): void {
    bucket.live--
    this.#size--
    this.#clear(slot)
  }

  #clear(slot: number): void {
    this.#flags[slot] = (this.#flags[slot] as number) & ~LIVE
    this.cells.clear(slot)
  }

  #discard(slot: number, from: Bucket): void {
    if (this.isLive(slot)) this.#end(from, slot)
    this.#leave(slot, from)
    this.#forget(slot)
  }

  #leave(slot: number, bucket: Bucket): void {
    this.#index.remove(slot, bucket)
    this.#flags[slot] = (this.#flags[slot] as number) & ~IN
  }

  #change(slot: number): void {
    const flags = this.#flags[slot] as number
    if ((flags & CHANGED) !== 0) return
    if ((flags & SEALED) === 0) this.bytes.hold(slot)
    this.#flags[slot] = flags | CHANGED
    this.#changed.push(slot)
  }

  #isHeld(slot: number): boolean {
    return ((this.#flags[slot] as number) & HELD) !== 0
  }

  /** Its bucket has come again, with a value under its key. */
  #isReplaced(slot: number): boolean {
    const bucket = this.buckets.at(this.bucketOf(slot))
    const current = bucket === undefined ? -1 : this.#index.find(bucket, this.keyOf(slot))
    return current >= 0 && this.isLive(current)
  }

  /** An entry that is nowhere any more, and need not be told of. */
  #forget(slot: number): void {
    this.#release(slot)
    this.keys.letGo(this.keyOf(slot))
    this.#free.give(slot)
  }

  /** Perf: what is to be done with each lies anywhere in memory; so one thing after the other. */
  #forgetAll(slots: Int32Array): void {
    for (let i = 0; i < slots.length; i++) this.#release(slots[i] as number)
    for (let i = 0; i < slots.length; i++) this.keys.letGo(this.keyOf(slots[i] as number))
    for (let i = 0; i < slots.length; i++) this.#free.give(slots[i] as number)
  }

  #release(slot: number): void {
    this.bytes.end(slot, this.#isHeld(slot))
    this.#flags[slot] = 0
  }
}
