/**
 * What the entries of a store take in memory, by their slots: estimates (entry-weight.ts) that are
 * corrected each time an entry is sealed or loaded. What is changed and not yet kept is held, too.
 */
import { resized } from '../util/resized.ts'
import type { ValueWeight } from './cells.ts'
import { heldBytes, usedBytes } from './entry-weight.ts'
import type { StateMemory } from './state-memory.ts'

const STORED_BYTES_FIRST = 64

export class SlotBytes {
  readonly #memory: StateMemory
  readonly #weight: ValueWeight
  #bytes = new Float64Array(0)
  #storedBytes = STORED_BYTES_FIRST

  constructor(memory: StateMemory, weight: ValueWeight) {
    this.#memory = memory
    this.#weight = weight
  }

  /** Of the stored form of a value, in the mean of the last ones. */
  get storedBytes(): number {
    return this.#storedBytes
  }

  of(slot: number): number {
    return this.#bytes[slot] as number
  }

  /** Room for slots below `capacity`. */
  resize(capacity: number): void {
    this.#bytes = resized(this.#bytes, capacity)
  }

  /** There is an entry of a key of so many bytes. */
  begin(slot: number, keyBytes: number): void {
    const bytes = usedBytes(this.#weight, keyBytes, this.#storedBytes)
    this.#bytes[slot] = bytes
    this.#memory.use(bytes)
  }

  /** Its stored form has so many bytes. */
  weigh(slot: number, keyBytes: number, storedBytes: number, isHeld: boolean): void {
    this.#storedBytes += (storedBytes - this.#storedBytes) / 64
    const before = this.of(slot)
    const bytes = usedBytes(this.#weight, keyBytes, storedBytes)
    this.#memory.use(bytes - before)
    if (isHeld) this.#hold(bytes - before)
    this.#bytes[slot] = bytes
  }

  hold(slot: number): void {
    this.#hold(this.of(slot))
  }

  unhold(slot: number): void {
    this.#hold(-this.of(slot))
  }

  end(slot: number, isHeld: boolean): void {
    if (isHeld) this.unhold(slot)
    this.#memory.use(-this.of(slot))
    this.#bytes[slot] = 0
  }

  #hold(bytes: number): void {
    this.#memory.hold(heldBytes(this.#weight, bytes))
  }
}
