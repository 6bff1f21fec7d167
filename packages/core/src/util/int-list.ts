import { resized } from './resized.ts'

const CAPACITY_FIRST = 16

/**
 * Whole numbers of 32 bits, one after the other.
 *
 * Perf: an array that grows to hundreds of thousands is copied and collected as objects are.
 */
export class IntList {
  #values = new Int32Array(CAPACITY_FIRST)
  #size = 0

  push(value: number): void {
    if (this.#size === this.#values.length) this.#values = resized(this.#values, this.#size * 2)
    this.#values[this.#size++] = value
  }

  /** All of them, given away; the list goes on empty. */
  take(): Int32Array {
    const taken = this.#values.subarray(0, this.#size)
    this.#values = new Int32Array(Math.max(CAPACITY_FIRST, this.#size))
    this.#size = 0
    return taken
  }
}
