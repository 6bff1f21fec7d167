/**
 * The exact sum of doubles. Whatever the order, batches or merges, the result is the true sum,
 * rounded once.
 *
 * The sum so far is kept as partials: doubles whose true sum it is, ascending, without overlap,
 * each below 2^1000 (Shewchuk, "Adaptive precision floating-point arithmetic", 1997; the same as
 * Python's `math.fsum`). Three are nearly always enough and are fields; more are a list. What is
 * too great, or more partials than `PARTIALS_MAX`, moves to `#units`, a bigint, so that nothing
 * overflows or grows without end. Infinities and NaN are remembered apart. A sum that is zero is 0,
 * never -0; one beyond the greatest double is infinite.
 *
 * Stored: 01, varint count, flags (bit 0 Infinity, 1 -Infinity, 2 NaN, 3 units follow), varint
 * number of partials, each 8 bytes IEEE, then the units of big-int-bytes.ts if any.
 */
import { expectVersion, formatError, readCount } from '../record/format/format-check.ts'
import type { ByteReader } from '../util/byte-reader.ts'
import type { ByteWriter } from '../util/byte-writer.ts'
import { readBigInt, writeBigInt } from './big-int-bytes.ts'
import { roundUnits, unitsOf } from './units.ts'

const WHAT = 'state of a float sum'
const VERSION = 1
/** Partials and values are below. */
export const GREAT: number = 2 ** 1000
const PARTIALS_MAX = 32

const POSITIVE_INFINITY = 1
const NEGATIVE_INFINITY = 2
const NAN = 4
const HAS_UNITS = 8

/**
 * Perf: the partials of many sums lie in one array. A field that holds a double is an object of its
 * own to V8: three for each sum, to be followed, collected and kept in the cache.
 */
const SUMS_OF_ARRAY = 1024
let shared = new Float64Array(0)
let nextAt = 0

export class FloatSum {
  /**
   * From `#at`: low, middle and high, the partials as long as there are no more than three; 0 =
   * none.
   */
  readonly #three: Float64Array
  readonly #at: number
  /** All partials, where three are not enough. */
  #more: number[] | null = null
  #units = 0n
  #specials = 0
  #count = 0

  constructor() {
    if (nextAt === shared.length) {
      shared = new Float64Array(3 * SUMS_OF_ARRAY)
      nextAt = 0
    }
    this.#three = shared
    this.#at = nextAt
    nextAt += 3
  }

  /** Of partials as `addPartial` leaves them. */
  static of(count: number, three: Float64Array, at: number): FloatSum {
    const sum = new FloatSum()
    sum.#count = count
    for (let i = 0; i < 3; i++) sum.#three[sum.#at + i] = three[at + i] as number
    return sum
  }

  /** How many values were added. */
  get count(): number {
    return this.#count
  }

  /** Puts the partials where there is room for three; false: it is more than these. */
  put(three: Float64Array, at: number): boolean {
    if (this.#more !== null || this.#units !== 0n || this.#specials !== 0) return false
    for (let i = 0; i < 3; i++) three[at + i] = this.#three[this.#at + i] as number
    return true
  }

  add(value: number): void {
    this.#count++
    // False for NaN too.
    if (Math.abs(value) < GREAT) this.#addSmall(value)
    else if (Number.isFinite(value)) this.#units += unitsOf(value)
    else this.#specials |= specialOf(value)
  }

  merge(other: FloatSum): void {
    this.#count += other.#count
    this.#specials |= other.#specials
    this.#units += other.#units
    for (const partial of other.#partials()) this.#addSmall(partial)
  }

  /** The sum, rounded once; 0 when nothing was added. */
  sum(): number {
    if (this.#specials !== 0) return this.#special()
    if (this.#units === 0n && this.#more === null) return roundThree(...this.#fields())
    return this.#units === 0n ? roundPartials(this.#partials()) : roundUnits(this.#total(), 1n)
  }

  /** The true sum divided by the count, rounded once; NaN when nothing was added. */
  mean(): number {
    if (this.#specials !== 0 || this.#count === 0) return this.#special()
    if (this.#units === 0n && this.#more === null) {
      const [low, middle, high] = this.#fields()
      const mean = quotientOf(high, middle, low, this.#count)
      if (mean !== null) return mean
    }
    return roundUnits(this.#total(), BigInt(this.#count))
  }

  write(out: ByteWriter): void {
    if (this.put(this.#three, this.#at)) {
      writeThree(this.#count, this.#three, this.#at, out)
      return
    }
    out.byte(VERSION)
    out.unsigned(this.#count)
    out.byte(this.#specials | (this.#units === 0n ? 0 : HAS_UNITS))
    const partials = this.#partials()
    out.unsigned(partials.length)
    for (const partial of partials) out.float64(partial)
    if (this.#units !== 0n) writeBigInt(this.#units, out)
  }

  static read(from: ByteReader): FloatSum {
    const sum = new FloatSum()
    expectVersion(from, VERSION, WHAT)
    sum.#count = from.unsigned()
    const flags = from.byte()
    if (flags > 15) throw formatError(WHAT, 'flags 0 to 15', `flags ${flags}`)
    sum.#specials = flags & ~HAS_UNITS
    const partialCount = readCount(from, 8, WHAT)
    const partials: number[] = []
    for (let i = 0; i < partialCount; i++) partials.push(from.float64())
    sum.#keep(partials)
    if ((flags & HAS_UNITS) !== 0) sum.#units = readBigInt(from)
    return sum
  }

  /** Ascending. */
  #partials(): number[] {
    return this.#more?.slice() ?? this.#fields().filter(partial => partial !== 0)
  }

  #fields(): [low: number, middle: number, high: number] {
    const three = this.#three
    const at = this.#at
    return [three[at] as number, three[at + 1] as number, three[at + 2] as number]
  }

  #keep(partials: number[]): void {
    const isLong = partials.length > 3
    this.#more = isLong ? partials : null
    for (let nth = 1; nth <= 3; nth++) {
      this.#three[this.#at + 3 - nth] = isLong ? 0 : (partials.at(-nth) ?? 0)
    }
  }

  #addSmall(value: number): void {
    if (this.#more !== null) this.#grow(value, this.#more)
    else if (!addPartial(this.#three, this.#at, value)) this.#grow(value, this.#partials())
  }

  /**
   * Clear version: adds to the partials without loss. Each step splits x + y into the rounded sum
   * `high` and the error `low`, which are exact together; errors stay as partials, the sum goes on.
   */
  #grow(value: number, partials: number[]): void {
    let x = value
    let kept = 0
    for (let i = 0; i < partials.length; i++) {
      const y = partials[i] as number
      const high = x + y
      const low = Math.abs(x) < Math.abs(y) ? x - (high - y) : y - (high - x)
      if (low !== 0) partials[kept++] = low
      x = high
    }
    if (x !== 0) partials[kept++] = x
    partials.length = kept
    this.#keep(partials)
    if (kept > PARTIALS_MAX || Math.abs(x) >= GREAT) {
      this.#units = this.#total()
      this.#keep([])
    }
  }

  #total(): bigint {
    let total = this.#units
    for (const partial of this.#partials()) total += unitsOf(partial)
    return total
  }

  #special(): number {
    if (this.#specials === POSITIVE_INFINITY) return Number.POSITIVE_INFINITY
    if (this.#specials === NEGATIVE_INFINITY) return Number.NEGATIVE_INFINITY
    return Number.NaN
  }
}

/**
 * Adds to the three partials at `at`, low to high; false, and nothing added, where they are not
 * enough, or the value is 2^1000 or more or not a number.
 *
 * Perf: what `#grow` does, without an array or a branch: Knuth's two-sum, once for each. Of four
 * that come out one has to be nothing.
 */
export function addPartial(three: Float64Array, at: number, value: number): boolean {
  const low = three[at] as number
  const middle = three[at + 1] as number
  const high = three[at + 2] as number
  if (low === 0 && addToTwo(three, at, value)) return true
  const sum1 = value + low
  const part1 = sum1 - value
  const error1 = value - (sum1 - part1) + (low - part1)
  const sum2 = sum1 + middle
  const part2 = sum2 - sum1
  const error2 = sum1 - (sum2 - part2) + (middle - part2)
  const sum3 = sum2 + high
  const part3 = sum3 - sum2
  const error3 = sum2 - (sum3 - part3) + (high - part3)
  const isFull = error1 !== 0 && error2 !== 0 && error3 !== 0
  // False for NaN too.
  if (isFull || !(Math.abs(sum3) < GREAT) || !(Math.abs(value) < GREAT)) return false
  three[at] = error1 !== 0 && error2 !== 0 ? error1 : 0
  three[at + 1] = error3 === 0 ? (error2 === 0 ? error1 : error2) : error3
  if (error3 !== 0) three[at] = error1 === 0 ? error2 : error1
  three[at + 2] = sum3
  return true
}

/**
 * Where there are two partials and two are enough, as of values of one magnitude; else false.
 *
 * Perf: from the greatest one down, so that next to no error is left at the end, and the processor
 * guesses that: of the errors that `addPartial` looks at each may be nothing or not, and to guess
 * wrong took five times as long as to add.
 */
function addToTwo(three: Float64Array, at: number, value: number): boolean {
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
  // False for NaN too.
  if (error2 !== 0 || !(Math.abs(sum3) < GREAT) || !(Math.abs(value) < GREAT)) return false
  three[at + 1] = error3
  three[at + 2] = sum3
  return true
}

function specialOf(value: number): number {
  if (Number.isNaN(value)) return NAN
  return value > 0 ? POSITIVE_INFINITY : NEGATIVE_INFINITY
}

/** Products and their errors neither overflow nor get lost between these. */
const PLAIN_MIN = 2 ** -400
const PLAIN_MAX = 2 ** 400
/** Dekker's: splits a double into two halves of 26 bits. */
const SPLITTER = 2 ** 27 + 1
/** So many bits times half a double are exact. */
const COUNT_MAX = 2 ** 27
/** Far above what the few roundings of the correction can be off by, as a part of it. */
const MARGIN = 2 ** -48

/**
 * Three partials over a count, rounded once. Null: too great or small to be sure of, three that
 * are too near to halfway between two doubles, or two of about one size.
 *
 * Perf: the quotient of the greatest partial, and a correction by what is left over, which doubles
 * hold exactly (Dekker, "A floating-point technique for extending the available precision", 1971).
 * Where nothing that the correction may be off by changes the rounded result, it is right. With
 * bigints it was a twentieth of the time of a tumbling window.
 */
export function quotientOf(
  high: number,
  middle: number,
  low: number,
  count: number,
): number | null {
  if (middle === 0 && low === 0) return high / count + 0
  const size = Math.abs(high)
  if (!(size > PLAIN_MIN && size < PLAIN_MAX) || count >= COUNT_MAX) return null
  const quotient = high / count
  const left = leftOf(high, quotient, count)
  const correction = (left + middle + low) / count
  const margin = ((Math.abs(left) + Math.abs(middle) + Math.abs(low)) / count) * MARGIN
  const least = quotient + (correction - margin)
  const most = quotient + (correction + margin)
  if (least === most) return least
  // What is left where values cancelled may be two partials of one size: then there may be more
  // between the two than one rounding, and what is left over is not exact.
  if (low !== 0 || high + middle !== high) return null
  return nearerQuotient(high, middle, count, [least, most])
}

/** What is left of a sum beyond a quotient that is next to the true one; exact. */
function leftOf(high: number, quotient: number, count: number): number {
  const product = quotient * count
  const split = SPLITTER * quotient
  const upper = split - (split - quotient)
  const error = upper * count - product + (quotient - upper) * count
  return high - product - error
}

/**
 * Which of two neighbours is nearer to the quotient, which lies about halfway: often exactly, where
 * values have few digits. Both what is left beyond the lower one, in two parts, and what would be
 * left halfway are exact.
 */
function nearerQuotient(
  high: number,
  middle: number,
  count: number,
  [lower, upper]: readonly [number, number],
): number {
  const half = (upper - lower) / 2
  const rest = leftOf(high, lower, count)
  const left = rest + middle
  const part = left - rest
  const error = rest - (left - part) + (middle - part)
  const beyond = left - half * count + error
  if (beyond === 0) return lower + half
  return beyond < 0 ? lower : upper
}

/** The sum of ascending partials without overlap, rounded once, ties to even. */
function roundPartials(partials: readonly number[]): number {
  let i = partials.length - 1
  let high = partials[i] as number
  let low = 0
  while (i > 0 && low === 0) {
    const x = high
    const y = partials[--i] as number
    high = x + y
    low = y - (high - x)
  }
  return i > 0 ? nearer(high, low, partials[i - 1] as number) : high
}

/** The same of three, those that are missing 0 and at the beginning; never -0. */
export function roundThree(low: number, middle: number, high: number): number {
  const sum = high + middle
  const left = middle - (sum - high)
  // Then the lowest is all that is left.
  if (left === 0) return sum + low
  return low === 0 ? sum : nearer(sum, left, low)
}

/**
 * Halfway between two doubles `high` was rounded to even; partials further down may say which side
 * is nearer.
 */
function nearer(high: number, low: number, below: number): number {
  if (low < 0 !== below < 0) return high
  const doubled = low * 2
  const next = high + doubled
  return next - high === doubled ? next : high
}

/** Stored form of three partials, as of all. */
export function writeThree(count: number, three: Float64Array, at: number, out: ByteWriter): void {
  out.byte(VERSION)
  out.unsigned(count)
  out.byte(0)
  let partials = 0
  for (let i = at; i < at + 3; i++) if (three[i] !== 0) partials++
  out.unsigned(partials)
  for (let i = at; i < at + 3; i++) if (three[i] !== 0) out.float64(three[i] as number)
}
