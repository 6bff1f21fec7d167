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

/** Of a slot: the partials low, middle and high, and how many values were added. */
const FIELDS = 4
const COUNT = 3

/**
 * Perf: what a sum is lies side by side, as sums of many groups are read and added to from all over
 * the memory.
 */
export class FloatSums implements States {
  #fields = new Float64Array(0)
  readonly #apart = new Map<number, FloatSum>()

  /** Rounded once; null over nothing. */
  sum(slot: number): CellValue {
    const fields = this.#fields
    const at = slot * FIELDS
    const count = fields[at + COUNT] as number
    if (count === 0) return null
    return count === APART
      ? this.#sumAt(slot).sum()
      : roundThree(fields[at] as number, fields[at + 1] as number, fields[at + 2] as number)
  }

  /** Rounded once; null over nothing. */
  mean(slot: number): CellValue {
    const fields = this.#fields
    const at = slot * FIELDS
    const count = fields[at + COUNT] as number
    if (count === 0) return null
    if (count === APART) return this.#sumAt(slot).mean()
    const high = fields[at + 2] as number
    const mean = quotientOf(high, fields[at + 1] as number, fields[at] as number, count)
    return mean ?? this.#sumAt(slot).mean()
  }

  /**
   * Clear version: `sum` of each.
   * Perf: a loop over arrays, so that the processor fetches what the next slots need meanwhile.
   */
  sums(slots: Int32Array, type: DataType): Column | null {
    if (type.kind !== 'float64') return null
    const output = outputColumn(type, slots.length, false)
    const values = output.values as Float64Array
    const fields = this.#fields
    for (let i = 0; i < slots.length; i++) {
      const slot = slots[i] as number
      const at = slot * FIELDS
      if ((fields[at + COUNT] as number) > 0) {
        values[i] = roundThree(
          fields[at] as number,
          fields[at + 1] as number,
          fields[at + 2] as number,
        )
      } else output.put(i, this.sum(slot))
    }
    return output.column()
  }

  /** Clear version: `mean` of each. Perf: as `sums`. */
  means(slots: Int32Array, type: DataType): Column | null {
    if (type.kind !== 'float64') return null
    const output = outputColumn(type, slots.length, false)
    const values = output.values as Float64Array
    const fields = this.#fields
    for (let i = 0; i < slots.length; i++) {
      const slot = slots[i] as number
      const at = slot * FIELDS
      const count = fields[at + COUNT] as number
      const isOne = count > 0 && fields[at] === 0 && fields[at + 1] === 0
      if (isOne) values[i] = (fields[at + 2] as number) / count + 0
      else output.put(i, this.mean(slot))
    }
    return output.column()
  }

  resize(capacity: number): void {
    this.#fields = resized(this.#fields, capacity * FIELDS)
  }

  init(slot: number): void {
    const at = slot * FIELDS
    // Perf: `fill` is a call.
    for (let i = at; i < at + FIELDS; i++) this.#fields[i] = 0
  }

  clear(slot: number): void {
    if (this.#apart.size > 0) this.#apart.delete(slot)
  }

  add(slot: number, value: CellValue): void {
    const fields = this.#fields
    const at = slot * FIELDS
    const count = fields[at + COUNT] as number
    if (count !== APART && addPartial(fields, at, value as number)) fields[at + COUNT] = count + 1
    else this.#setApart(slot).add(value as number)
  }

  addAll(slots: Int32Array, indices: Int32Array, count: number, column: Column | null): void {
    if (!(column instanceof Float64Column)) {
      addEach(this, slots, indices, count, column)
      return
    }
    const { values, validity } = column
    const fields = this.#fields
    for (let i = 0; i < count; i++) {
      const index = indices[i] as number
      if (validity !== null && !getBit(validity, index)) continue
      const slot = slots[i] as number
      const value = values[index] as number
      // Perf: the whole way of nearly all values is in this loop. A double that goes into a call
      // which is not a part of the loop becomes an object.
      const at = slot * FIELDS
      const before = fields[at + COUNT] as number
      const middle = fields[at + 1] as number
      const high = fields[at + 2] as number
      const sum1 = high + value
      const part1 = sum1 - high
      const error1 = high - (sum1 - part1) + (value - part1)
      const sum2 = middle + error1
      const part2 = sum2 - middle
      const error2 = middle - (sum2 - part2) + (error1 - part2)
      const sum3 = sum1 + sum2
      const part3 = sum3 - sum1
      const error3 = sum1 - (sum3 - part3) + (sum2 - part3)
      const isPlain = error2 === 0 && fields[at] === 0 && before !== APART
      if (isPlain && Math.abs(sum3) < GREAT && Math.abs(value) < GREAT) {
        fields[at + 1] = error3
        fields[at + 2] = sum3
        fields[at + COUNT] = before + 1
      } else this.add(slot, value)
    }
  }

  merge(slot: number, from: FloatSums, fromSlot: number): void {
    const at = slot * FIELDS
    const fromAt = fromSlot * FIELDS
    const more = from.#fields[fromAt + COUNT] as number
    const count = this.#fields[at + COUNT] as number
    if (more === 0) return
    if (more !== APART && count !== APART && this.#addThree(at, from.#fields, fromAt)) {
      this.#fields[at + COUNT] = count + more
    } else this.#setApart(slot).merge(from.#sumAt(fromSlot))
  }

  write(slot: number, out: ByteWriter): void {
    const at = slot * FIELDS
    const count = this.#fields[at + COUNT] as number
    if (count === APART) this.#sumAt(slot).write(out)
    else writeThree(count, this.#fields, at, out)
  }

  read(slot: number, from: ByteReader): void {
    const sum = FloatSum.read(from)
    const at = slot * FIELDS
    if (sum.put(this.#fields, at)) this.#fields[at + COUNT] = sum.count
    else {
      this.#fields[at + COUNT] = APART
      this.#apart.set(slot, sum)
    }
  }

  /** False, and nothing changed, where three partials are not enough. */
  #addThree(at: number, from: Float64Array, fromAt: number): boolean {
    const three = this.#fields
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
    const at = slot * FIELDS
    const count = this.#fields[at + COUNT] as number
    return count === APART
      ? (this.#apart.get(slot) as FloatSum)
      : FloatSum.of(count, this.#fields, at)
  }

  #setApart(slot: number): FloatSum {
    const sum = this.#sumAt(slot)
    this.#apart.set(slot, sum)
    this.#fields[slot * FIELDS + COUNT] = APART
    return sum
  }
}
