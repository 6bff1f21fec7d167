/**
 * The exact sums of whole numbers, or of the units of decimals, of many groups (integer-sum.ts), in
 * arrays.
 *
 * A sum within 2^53 is a number; one that has gone beyond is an `IntegerSum` of its own, and stays
 * one.
 */

import {
  type CellValue,
  type Column,
  DecimalColumn,
  Int32Column,
  Int64Column,
} from '../batch/column.ts'
import { putHalves } from '../batch/column-builder.ts'
import { outputColumn } from '../batch/output-column.ts'
import type { DataType } from '../schema/data-type.ts'
import type { ByteReader } from '../util/byte-reader.ts'
import type { ByteWriter } from '../util/byte-writer.ts'
import { unscaledAt } from '../util/decimal.ts'
import { resized } from '../util/resized.ts'
import { IntegerSum } from './integer-sum.ts'
import { addEach, type States } from './states.ts'

/** In the place of a count: the sum is an object. */
const APART = -1

export class IntegerSums implements States {
  readonly #scale: number | null
  #counts = new Float64Array(0)
  #sums = new Float64Array(0)
  readonly #apart = new Map<number, IntegerSum>()

  /** @param scale of decimals; null: whole numbers. */
  constructor(scale: number | null) {
    this.#scale = scale
  }

  /** The sum as an object, to be read only. */
  at(slot: number): IntegerSum {
    const count = this.#counts[slot] as number
    return count === APART
      ? (this.#apart.get(slot) as IntegerSum)
      : IntegerSum.of(count, this.#sums[slot] as number)
  }

  /**
   * Sums as whole numbers of 64 bits.
   * @param resultOf the clear version, which is asked of those that are objects, and of nothing
   */
  sums(slots: Int32Array, type: DataType, resultOf: (slot: number) => CellValue): Column | null {
    if (type.kind !== 'int64') return null
    const output = outputColumn(type, slots.length, false)
    const words = output.values as Int32Array
    const counts = this.#counts
    const sums = this.#sums
    for (let i = 0; i < slots.length; i++) {
      const slot = slots[i] as number
      if ((counts[slot] as number) > 0) putHalves(words, i, sums[slot] as number)
      else output.put(i, resultOf(slot))
    }
    return output.column()
  }

  /** Means as doubles. @param resultOf as of `sums` */
  means(slots: Int32Array, type: DataType, resultOf: (slot: number) => CellValue): Column | null {
    if (type.kind !== 'float64') return null
    const output = outputColumn(type, slots.length, false)
    const values = output.values as Float64Array
    const counts = this.#counts
    const sums = this.#sums
    for (let i = 0; i < slots.length; i++) {
      const slot = slots[i] as number
      const count = counts[slot] as number
      if (count > 0) values[i] = (sums[slot] as number) / count + 0
      else output.put(i, resultOf(slot))
    }
    return output.column()
  }

  resize(capacity: number): void {
    this.#counts = resized(this.#counts, capacity)
    this.#sums = resized(this.#sums, capacity)
  }

  init(slot: number): void {
    this.#counts[slot] = 0
    this.#sums[slot] = 0
  }

  clear(slot: number): void {
    if (this.#counts[slot] === APART) this.#apart.delete(slot)
  }

  add(slot: number, value: CellValue): void {
    this.#add(slot, this.#scale === null ? value : unscaledAt(value as string, this.#scale))
  }

  addAll(slots: Int32Array, indices: Int32Array, count: number, column: Column | null): void {
    if (column instanceof Int32Column) this.#addInt32(slots, indices, count, column)
    else if (
      column instanceof Int64Column ||
      (column instanceof DecimalColumn && column.type.scale === this.#scale)
    ) {
      this.#addWide(slots, indices, count, column)
    } else addEach(this, slots, indices, count, column)
  }

  merge(slot: number, from: IntegerSums, fromSlot: number): void {
    const more = from.#counts[fromSlot] as number
    const count = this.#counts[slot] as number
    const sum = (this.#sums[slot] as number) + (from.#sums[fromSlot] as number)
    if (more !== APART && count !== APART && Number.isSafeInteger(sum)) {
      this.#counts[slot] = count + more
      this.#sums[slot] = sum
    } else this.#setApart(slot).merge(from.at(fromSlot))
  }

  write(slot: number, out: ByteWriter): void {
    this.at(slot).write(out)
  }

  read(slot: number, from: ByteReader): void {
    const sum = IntegerSum.read(from)
    const { small } = sum
    this.#counts[slot] = small === null ? APART : sum.count
    if (small === null) this.#apart.set(slot, sum)
    else this.#sums[slot] = small
  }

  #addInt32(slots: Int32Array, indices: Int32Array, count: number, column: Int32Column): void {
    const { values } = column
    for (let i = 0; i < count; i++) {
      const index = indices[i] as number
      if (!column.isNull(index)) this.#addNumber(slots[i] as number, values[index] as number)
    }
  }

  /** Perf: as numbers where these are exact, without a bigint for each. */
  #addWide(
    slots: Int32Array,
    indices: Int32Array,
    count: number,
    column: Int64Column | DecimalColumn,
  ): void {
    for (let i = 0; i < count; i++) {
      const index = indices[i] as number
      if (column.isNull(index)) continue
      const value = column.number(index)
      const slot = slots[i] as number
      if (Number.isSafeInteger(value)) this.#addNumber(slot, value)
      else if (column instanceof DecimalColumn) this.#add(slot, column.unscaled(index))
      else this.#add(slot, column.values[index] as bigint)
    }
  }

  #add(slot: number, value: CellValue): void {
    const isSmall = typeof value === 'number' || BigInt.asIntN(53, value as bigint) === value
    if (isSmall) this.#addNumber(slot, Number(value))
    else this.#setApart(slot).add(value as bigint)
  }

  /** @param value within 2^53. */
  #addNumber(slot: number, value: number): void {
    const count = this.#counts[slot] as number
    const sum = (this.#sums[slot] as number) + value
    // An unsafe sum never rounds into the safe range, so this sees every loss.
    if (count !== APART && Number.isSafeInteger(sum)) {
      this.#counts[slot] = count + 1
      this.#sums[slot] = sum
    } else this.#setApart(slot).add(value)
  }

  #setApart(slot: number): IntegerSum {
    const sum = this.at(slot)
    this.#apart.set(slot, sum)
    this.#counts[slot] = APART
    this.#sums[slot] = 0
    return sum
  }
}
