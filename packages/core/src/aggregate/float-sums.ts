/**
 * The exact sums of doubles of many groups (float-sum.ts), in arrays.
 *
 * A sum of at most three partials is those and a count; one that is more than that is a `FloatSum`
 * of its own, and stays one.
 */

import { type CellValue, type Column, Float64Column } from '../batch/column.ts'
import { outputColumn } from '../batch/output-column.ts'
import type { DataType } from '../schema/data-type.ts'
import { getBit } from '../util/bitmap.ts'
import type { ByteReader } from '../util/byte-reader.ts'
import type { ByteWriter } from '../util/byte-writer.ts'
import { resized } from '../util/resized.ts'
import { addPartial, FloatSum, GREAT, quotientOf, roundThree, writeThree } from './float-sum.ts'
import { addEach, type States } from './states.ts'

/** In the place of a count: the sum is an object. */
const APART = -1

export class FloatSums implements States {
  #counts = new Float64Array(0)
  /** Low, middle and high. */
  #three = new Float64Array(0)
  readonly #apart = new Map<number, FloatSum>()

  /** Rounded once; null over nothing. */
  sum(slot: number): CellValue {
    const count = this.#counts[slot] as number
    if (count === 0) return null
    const three = this.#three
    const at = slot * 3
    return count === APART
      ? this.#sumAt(slot).sum()
      : roundThree(three[at] as number, three[at + 1] as number, three[at + 2] as number)
  }

  /** Rounded once; null over nothing. */
  mean(slot: number): CellValue {
    const count = this.#counts[slot] as number
    if (count === 0) return null
    if (count === APART) return this.#sumAt(slot).mean()
    const three = this.#three
    const at = slot * 3
    const high = three[at + 2] as number
    const mean = quotientOf(high, three[at + 1] as number, three[at] as number, count)
    return mean ?? this.#sumAt(slot).mean()
  }

  /**
   * Clear version: `sum` of each.
   * Perf: a loop over arrays, so that the processor fetches what the next slots need meanwhile.
   */
  sums(slots: Int32Array, type: DataType): Column {
    const output = outputColumn(type, slots.length, false)
    const values = output.values as Float64Array
    const counts = this.#counts
    const three = this.#three
    for (let i = 0; i < slots.length; i++) {
      const slot = slots[i] as number
      const at = slot * 3
      if ((counts[slot] as number) > 0) {
        values[i] = roundThree(
          three[at] as number,
          three[at + 1] as number,
          three[at + 2] as number,
        )
      } else output.put(i, this.sum(slot))
    }
    return output.column()
  }

  /** Clear version: `mean` of each. Perf: as `sums`. */
  means(slots: Int32Array, type: DataType): Column {
    const output = outputColumn(type, slots.length, false)
    const values = output.values as Float64Array
    const counts = this.#counts
    const three = this.#three
    for (let i = 0; i < slots.length; i++) {
      const slot = slots[i] as number
      const at = slot * 3
      const count = counts[slot] as number
      const isOne = count > 0 && three[at] === 0 && three[at + 1] === 0
      if (isOne) values[i] = (three[at + 2] as number) / count + 0
      else output.put(i, this.mean(slot))
    }
    return output.column()
  }

  resize(capacity: number): void {
    this.#counts = resized(this.#counts, capacity)
    this.#three = resized(this.#three, capacity * 3)
  }

  init(slot: number): void {
    this.#counts[slot] = 0
    // Perf: `fill` is a call.
    for (let i = slot * 3; i < slot * 3 + 3; i++) this.#three[i] = 0
  }

  clear(slot: number): void {
    if (this.#apart.size > 0) this.#apart.delete(slot)
  }

  add(slot: number, value: CellValue): void {
    const count = this.#counts[slot] as number
    if (count !== APART && addPartial(this.#three, slot * 3, value as number)) {
      this.#counts[slot] = count + 1
    } else this.#setApart(slot).add(value as number)
  }

  addAll(slots: Int32Array, indices: Int32Array, count: number, column: Column | null): void {
    if (!(column instanceof Float64Column)) {
      addEach(this, slots, indices, count, column)
      return
    }
    const { values, validity } = column
    const counts = this.#counts
    const three = this.#three
    for (let i = 0; i < count; i++) {
      const index = indices[i] as number
      if (validity !== null && !getBit(validity, index)) continue
      const slot = slots[i] as number
      const value = values[index] as number
      const before = counts[slot] as number
      // Perf: the whole way of nearly all values is in this loop. A double that goes into a call
      // which is not a part of the loop becomes an object.
      const at = slot * 3
      const middle = three[at + 1] as number
      const high = three[at + 2] as number
      const sum1 = high + value
      const part1 = sum1 - high
      const error1 = high - (sum1 - part1) + (value - part1)
      const sum2 = middle + error1
      const part2 = sum2 - middle
      const error2 = middle - (sum2 - part2) + (error1 - part2)
      const sum3 = sum1 + sum2
      const part3 = sum3 - sum1
      const error3 = sum1 - (sum3 - part3) + (sum2 - part3)
      const isPlain = error2 === 0 && three[at] === 0 && before !== APART
      if (isPlain && Math.abs(sum3) < GREAT && Math.abs(value) < GREAT) {
        three[at + 1] = error3
        three[at + 2] = sum3
        counts[slot] = before + 1
      } else this.add(slot, value)
    }
  }

  merge(slot: number, from: FloatSums, fromSlot: number): void {
    const more = from.#counts[fromSlot] as number
    const count = this.#counts[slot] as number
    if (more === 0) return
    if (more !== APART && count !== APART && this.#addThree(slot, from.#three, fromSlot * 3)) {
      this.#counts[slot] = count + more
    } else this.#setApart(slot).merge(from.#sumAt(fromSlot))
  }

  write(slot: number, out: ByteWriter): void {
    const count = this.#counts[slot] as number
    if (count === APART) this.#sumAt(slot).write(out)
    else writeThree(count, this.#three, slot * 3, out)
  }

  read(slot: number, from: ByteReader): void {
    const sum = FloatSum.read(from)
    if (sum.put(this.#three, slot * 3)) this.#counts[slot] = sum.count
    else {
      this.#counts[slot] = APART
      this.#apart.set(slot, sum)
    }
  }

  /** False, and nothing changed, where three partials are not enough. */
  #addThree(slot: number, from: Float64Array, fromAt: number): boolean {
    const three = this.#three
    const at = slot * 3
    const low = three[at] as number
    const middle = three[at + 1] as number
    const high = three[at + 2] as number
    for (let i = 0; i < 3; i++) {
      if (addPartial(three, at, from[fromAt + i] as number)) continue
      three[at] = low
      three[at + 1] = middle
      three[at + 2] = high
      return false
    }
    return true
  }

  /** The sum as an object. */
  #sumAt(slot: number): FloatSum {
    const count = this.#counts[slot] as number
    return count === APART
      ? (this.#apart.get(slot) as FloatSum)
      : FloatSum.of(count, this.#three, slot * 3)
  }

  #setApart(slot: number): FloatSum {
    const sum = this.#sumAt(slot)
    this.#apart.set(slot, sum)
    this.#counts[slot] = APART
    return sum
  }
}
