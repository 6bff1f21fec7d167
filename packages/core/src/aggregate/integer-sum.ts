/**
 * The exact sum of whole numbers, of any size. Small sums stay a number; beyond 2^53 they move to a
 * bigint.
 *
 * Stored: 01, varint count, the sum of big-int-bytes.ts.
 */
import { expectVersion } from '../record/format/format-check.ts'
import type { ByteReader } from '../util/byte-reader.ts'
import type { ByteWriter } from '../util/byte-writer.ts'
import { readBigInt, writeBigInt } from './big-int-bytes.ts'
import { roundUnits, unitsOfInteger } from './units.ts'

const VERSION = 1
const SAFE_MAX = BigInt(Number.MAX_SAFE_INTEGER)

export class IntegerSum {
  #small = 0
  #big = 0n
  #count = 0

  /** @param sum within 2^53. */
  static of(count: number, sum: number): IntegerSum {
    const made = new IntegerSum()
    made.#count = count
    made.#small = sum
    return made
  }

  /** The sum where it is within 2^53; null beyond. */
  get small(): number | null {
    return this.#big === 0n ? this.#small : null
  }

  /** How many values were added. */
  get count(): number {
    return this.#count
  }

  /** @param value a safe integer or a bigint. */
  add(value: number | bigint): void {
    this.#count++
    if (typeof value === 'number') this.#addNumber(value)
    else if (value <= SAFE_MAX && value >= -SAFE_MAX) this.#addNumber(Number(value))
    else this.#big += value
  }

  merge(other: IntegerSum): void {
    this.#count += other.#count
    this.#big += other.#big
    this.#addNumber(other.#small)
  }

  total(): bigint {
    return this.#big + BigInt(this.#small)
  }

  /**
   * The true sum divided by the count and by `divisor`, rounded once; NaN when nothing was added.
   */
  mean(divisor = 1n): number {
    if (this.#count === 0) return Number.NaN
    if (this.#big === 0n && divisor === 1n) return this.#small / this.#count + 0
    return roundUnits(unitsOfInteger(this.total()), BigInt(this.#count) * divisor)
  }

  write(out: ByteWriter): void {
    out.byte(VERSION)
    out.unsigned(this.#count)
    writeBigInt(this.total(), out)
  }

  static read(from: ByteReader): IntegerSum {
    const sum = new IntegerSum()
    expectVersion(from, VERSION, 'state of an integer sum')
    sum.#count = from.unsigned()
    const total = readBigInt(from)
    if (total <= SAFE_MAX && total >= -SAFE_MAX) sum.#small = Number(total)
    else sum.#big = total
    return sum
  }

  #addNumber(value: number): void {
    const sum = this.#small + value
    // An unsafe sum never rounds into the safe range, so this sees every loss.
    if (Number.isSafeInteger(sum)) this.#small = sum
    else {
      this.#big += BigInt(this.#small) + BigInt(value)
      this.#small = 0
    }
  }
}
