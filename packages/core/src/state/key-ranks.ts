/**
 * The order of all keys of a table, kept while no key is added.
 *
 * Perf: windows of the same keys close one after the other, and each comes out in the order of its
 * keys. Once all keys have their ranks, those of a window are put in order without being looked at.
 */
import { type KeyBytes, keyOrder } from './key-order.ts'

export interface RankedKeys extends KeyBytes {
  /** Of all of them; changes when one is added. */
  readonly version: number
  /** Keys that there are. */
  readonly size: number
  /** Their numbers. */
  ids(): Int32Array
}

/** Fewer are sorted sooner than they are found among all. */
const PART_MIN = 1 / 4

export class KeyRanks {
  /** By the numbers of the keys. */
  #ranks = new Int32Array(0)
  #count = 0
  /** Of the keys that have ranks, and of those that were seen last. */
  #ranked = -1
  #seen = -1

  /** As `keyOrder`; null: there are no ranks, or they are of no use. */
  order(ids: Int32Array, keys: RankedKeys): Int32Array | null {
    const isStill = this.#seen === keys.version
    this.#seen = keys.version
    if (!isStill || ids.length < keys.size * PART_MIN) return null
    if (this.#ranked !== keys.version) this.#rank(keys)
    const ranks = this.#ranks
    const places = new Int32Array(this.#count)
    for (let place = 0; place < ids.length; place++) {
      places[ranks[ids[place] as number] as number] = place + 1
    }
    const order = new Int32Array(ids.length)
    for (let rank = 0, at = 0; at < order.length; rank++) {
      const place = (places[rank] as number) - 1
      if (place >= 0) order[at++] = place
    }
    return order
  }

  #rank(keys: RankedKeys): void {
    const ids = keys.ids()
    const order = keyOrder(ids, keys)
    this.#count = ids.length
    this.#ranks = new Int32Array((ids.at(-1) ?? -1) + 1)
    for (let rank = 0; rank < order.length; rank++) {
      this.#ranks[ids[order[rank] as number] as number] = rank
    }
    this.#ranked = keys.version
  }
}
