/**
 * A page of a bucket on its way out: slots of memory, and of what the space alone had, in the order
 * of their keys; and the deletions that the changelog is told.
 */
import { IntList } from '../util/int-list.ts'
import { EntryWriter } from './entry-writer.ts'
import type { Bucket } from './slot-index.ts'
import type { Slots } from './slots.ts'
import type { StateEntry } from './state-backend.ts'

export class TakenPage {
  readonly #slots: Slots
  readonly #store: number
  readonly #bucket: Bucket
  readonly #live = new IntList()
  readonly #known = new IntList()
  readonly #borrowed = new IntList()
  /** Null: nobody need be told of any. Perf: it has pages of bytes as soon as it is made. */
  #gone: EntryWriter | null = null

  /** @param store its number in the task */
  constructor(slots: Slots, store: number, bucket: Bucket) {
    this.#slots = slots
    this.#store = store
    this.#bucket = bucket
  }

  /** A slot of the bucket. @param isInSpace the space has an entry, too */
  add(slot: number, isInSpace: boolean): void {
    this.#known.push(slot)
    if (this.#slots.isLive(slot)) this.#live.push(slot)
    if (isInSpace || this.#slots.isStored(slot)) this.#tell(slot)
  }

  /** What the space alone had, borrowed. */
  addBorrowed(slot: number): void {
    this.#borrowed.push(slot)
    this.#live.push(slot)
    this.#tell(slot)
  }

  /** Null: nothing of it is live. Its slots have no values after. */
  take<T>(read: (slots: Int32Array, bucket: number) => T): T | null {
    const live = this.#live.take()
    const taken = live.length === 0 ? null : read(live, this.#bucket.bucket)
    for (const slot of this.#known.take()) this.#slots.hide(slot, this.#bucket)
    for (const slot of this.#borrowed.take()) this.#slots.giveBack(slot)
    return taken
  }

  /** Deletions; to be asked for once. */
  gone(): readonly StateEntry[] {
    return this.#gone?.take() ?? []
  }

  #tell(slot: number): void {
    const { keys } = this.#slots
    this.#gone ??= new EntryWriter()
    this.#gone.key(this.#store, this.#bucket.bucket, keys, this.#slots.keyOf(slot))
    this.#gone.endGone()
  }
}
