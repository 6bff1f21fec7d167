/** A store whose values are objects, and whose keys are text: one character per byte (latin1). */
import { ValueCells, type ValueCodec } from './cells.ts'
import { SlotStore } from './slot-store.ts'
import type { StateMemory } from './state-memory.ts'

export interface LayeredStoreOptions<V> {
  /** Number of the store in its task, from 1. */
  readonly store: number
  readonly codec: ValueCodec<V>
  readonly memory: StateMemory
}

export type Taken<V> = readonly (readonly [key: string, value: V])[]

export class LayeredStore<V> extends SlotStore<ValueCells<V>> {
  constructor({ store, codec, memory }: LayeredStoreOptions<V>) {
    super({ store, cells: new ValueCells(codec), memory })
  }

  /** What is in memory; what may be in the space has to be fetched before, by `prefetch`. */
  get(bucket: number, key: string): V | undefined {
    const slot = this.find(bucket, key)
    return slot < 0 ? undefined : this.cells.get(slot)
  }

  /** Puts a value; also tells that a value which `get` gave was changed in place. */
  set(bucket: number, key: string, value: V): void {
    this.cells.set(this.change(this.bucket(bucket), this.keys.atText(key)), value)
  }

  /** As `takeAll`: the entries in the byte order of their keys. */
  takeWhole(bucket: number): Taken<V> | null {
    return this.takeAll(bucket, slots => this.#taken(slots))
  }

  /** As `takeByPages`. */
  takePages(bucket: number): AsyncGenerator<Taken<V>> {
    return this.takeByPages(bucket, slots => this.#taken(slots))
  }

  /** Every live entry, bucket by bucket, keys in byte order. Changes nothing. */
  list(): Promise<[bucket: number, entries: Taken<V>][]> {
    return this.entries(slots => this.#taken(slots))
  }

  #taken(slots: Int32Array): Taken<V> {
    return Array.from(slots, slot => [this.keys.textOf(this.keyOf(slot)), this.cells.get(slot)])
  }
}
