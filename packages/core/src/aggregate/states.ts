/**
 * The states of many groups under one aggregate, each at the slot of its group.
 *
 * `ObjectStates` serves every aggregator; counts and sums have theirs in typed arrays
 * (`Aggregator.inArrays`). The laws are those of the aggregator: both give the same.
 */
import type { CellValue, Column } from '../batch/column.ts'
import type { ByteReader } from '../util/byte-reader.ts'
import type { ByteWriter } from '../util/byte-writer.ts'
import type { Aggregator } from './aggregator.ts'

type Value = Exclude<CellValue, null>

export interface States {
  /** Room for slots below `capacity`; what is there stays. */
  resize(capacity: number): void
  /** The state of nothing, whatever was there before. */
  init(slot: number): void
  /** Nobody will ask for the state any more. */
  clear(slot: number): void
  add(slot: number, value: Value): void
  /**
   * Adds cells that are not null (of no column: true) to the states of their groups: the cell at
   * `indices[i]` to that at `slots[i]`, for the first `count`.
   */
  addAll(slots: Int32Array, indices: Int32Array, count: number, column: Column | null): void
  /** Adds what `from`, of the same aggregate, has; that stays as it is. */
  merge(slot: number, from: this, fromSlot: number): void
  write(slot: number, out: ByteWriter): void
  /** @throws FORMAT_UNKNOWN */
  read(slot: number, from: ByteReader): void
}

/** One object, or one value, for each group. */
export class ObjectStates implements States {
  readonly #aggregator: Aggregator
  readonly #states: unknown[] = []

  constructor(aggregator: Aggregator) {
    this.#aggregator = aggregator
  }

  get(slot: number): unknown {
    return this.#states[slot]
  }

  resize(capacity: number): void {
    for (let slot = this.#states.length; slot < capacity; slot++) this.#states.push(undefined)
  }

  init(slot: number): void {
    this.#states[slot] = this.#aggregator.init()
  }

  clear(slot: number): void {
    this.#states[slot] = undefined
  }

  /**
   * What the state would be with a value more; -1 = that of nothing. The first half of `add`, where
   * it may fail.
   */
  next(slot: number, value: Value): unknown {
    return this.#aggregator.add(slot < 0 ? this.#aggregator.init() : this.#states[slot], value)
  }

  put(slot: number, state: unknown): void {
    this.#states[slot] = state
  }

  add(slot: number, value: Value): void {
    this.put(slot, this.next(slot, value))
  }

  addAll(slots: Int32Array, indices: Int32Array, count: number, column: Column | null): void {
    addEach(this, slots, indices, count, column)
  }

  merge(slot: number, from: ObjectStates, fromSlot: number): void {
    this.#states[slot] = this.#aggregator.merge(this.#states[slot], from.#states[fromSlot])
  }

  write(slot: number, out: ByteWriter): void {
    this.#aggregator.write(this.#states[slot], out)
  }

  read(slot: number, from: ByteReader): void {
    this.#states[slot] = this.#aggregator.read(from)
  }
}

/** `addAll` a cell at a time. */
export function addEach(
  states: Pick<States, 'add'>,
  slots: Int32Array,
  indices: Int32Array,
  count: number,
  column: Column | null,
): void {
  for (let i = 0; i < count; i++) {
    const cell = column === null ? true : column.get(indices[i] as number)
    if (cell !== null) states.add(slots[i] as number, cell)
  }
}
