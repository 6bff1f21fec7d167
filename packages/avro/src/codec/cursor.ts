/**
 * A place in the bytes of one value, and the primitives of the binary encoding.
 *
 * Nothing is read beyond `end`, and nothing is made from a size before the size is checked against
 * the bytes there are. What takes no bytes (nulls in an array, say) has a budget per record, and
 * depth is bounded, so that the work for a record is bounded by its size.
 *
 *   int, long   zig-zag, 7 bits a byte, the lowest first; at most 5 and 10 bytes
 */
import { isUtf8 } from 'node:buffer'
import { ValueFault } from './value-fault.ts'

/** Records, arrays and maps within each other in data; types may hold themselves. */
export const DATA_DEPTH_MAX = 1_000
/** Items of an array or map that take no bytes, in one record. */
const EMPTY_ITEMS_MAX = 100_000

export class Cursor {
  data: Buffer = Buffer.alloc(0)
  at = 0
  end = 0
  /** The long read last, as halves. */
  low = 0
  high = 0
  #view: DataView = new DataView(new ArrayBuffer(0))
  #depth = 0
  #emptyItems = 0

  /** Goes to `data[start, end)`. */
  open(data: Buffer, start: number, end: number): void {
    if (this.data !== data) {
      this.data = data
      this.#view = new DataView(data.buffer, data.byteOffset, data.byteLength)
    }
    this.at = start
    this.end = end
    this.#depth = 0
    this.#emptyItems = 0
  }

  /** The same for bytes that were read before: bounds that hold per field have been kept. */
  openChecked(data: Buffer, start: number, end: number): void {
    this.open(data, start, end)
    this.#emptyItems = Number.NEGATIVE_INFINITY
  }

  get left(): number {
    return this.end - this.at
  }

  enter(): void {
    if (++this.#depth > DATA_DEPTH_MAX) {
      throw new ValueFault(`values at most ${DATA_DEPTH_MAX} deep`, 'deeper ones')
    }
  }

  leave(): void {
    this.#depth--
  }

  int(): number {
    this.long()
    const value = this.low
    if (this.high !== value >> 31) {
      throw new ValueFault('an int of 32 bits', `${this.bigint()}`)
    }
    return value
  }

  /** Reads into `low` and `high`. */
  long(): void {
    const { data, end } = this
    let { at } = this
    let low = 0
    let high = 0
    for (let shift = 0; ; shift += 7) {
      if (at >= end) throw this.cut('an int or long')
      const byte = data[at++] as number
      const bits = byte & 0x7f
      if (shift === 63 && byte > 1) {
        throw new ValueFault('a long of at most 64 bits', 'more bits')
      }
      if (shift < 28) low |= bits << shift
      else if (shift === 28) {
        low |= bits << 28
        high = bits >>> 4
      } else high |= bits << (shift - 32)
      if (byte < 0x80) break
    }
    this.at = at
    const sign = -(low & 1)
    this.low = (((low >>> 1) | (high << 31)) ^ sign) | 0
    this.high = ((high >>> 1) ^ sign) | 0
  }

  /** The long read last. */
  bigint(): bigint {
    return (BigInt(this.high) << 32n) | BigInt(this.low >>> 0)
  }

  /** The long read last, as the nearest number. */
  number(): number {
    if (this.isSafe()) return this.high * 0x1_0000_0000 + (this.low >>> 0)
    return Number(this.bigint())
  }

  /** Whether the long read last is within 2^53 - 1. */
  isSafe(): boolean {
    const { high } = this
    if (high >= -0x20_0000 && high < 0x20_0000) return high > -0x20_0000 || this.low !== 0
    return false
  }

  boolean(): boolean {
    if (this.at >= this.end) throw this.cut('a boolean')
    const byte = this.data[this.at++] as number
    if (byte > 1) throw new ValueFault('a boolean, 0 or 1', `byte ${byte}`)
    return byte === 1
  }

  float(): number {
    this.#need(4, 'a float')
    this.at += 4
    return this.#view.getFloat32(this.at - 4, true)
  }

  double(): number {
    this.#need(8, 'a double')
    this.at += 8
    return this.#view.getFloat64(this.at - 8, true)
  }

  /** The size of what follows: bytes or text. */
  size(what: string): number {
    this.long()
    const size = this.number()
    if (size < 0) throw new ValueFault(`${what} of a size from 0`, `size ${size}`)
    if (size > this.left) throw new ValueFault(`${what} of ${size} bytes`, `${this.left} bytes`)
    return size
  }

  /** Steps over bytes and gives where they begin. */
  skip(size: number, what: string): number {
    this.#need(size, what)
    const start = this.at
    this.at += size
    return start
  }

  checkUtf8(start: number, end: number): void {
    if (isText(this.data, start, end)) return
    const bytes = this.data.subarray(start, Math.min(end, start + 16)).toString('hex')
    throw new ValueFault('text in valid UTF-8', `bytes ${bytes}${end > start + 16 ? '…' : ''}`)
  }

  /**
   * The count of the next block of an array or map, 0 = the last.
   * @param sizeMin bytes that an item takes at least
   */
  blockCount(sizeMin: number): number {
    this.long()
    let count = this.number()
    if (count < 0) {
      count = -count
      this.size('a block')
    }
    if (sizeMin > 0) {
      if (count * sizeMin > this.left) {
        const got = `${count} in ${this.left} bytes`
        throw new ValueFault('as many items as there are bytes for', got)
      }
    } else {
      this.#emptyItems += count
      if (this.#emptyItems > EMPTY_ITEMS_MAX) {
        throw new ValueFault(`at most ${EMPTY_ITEMS_MAX} items of no bytes`, `${count} more`)
      }
    }
    return count
  }

  cut(what: string): ValueFault {
    return new ValueFault(what, 'the end of the record')
  }

  #need(size: number, what: string): void {
    if (size > this.left) throw new ValueFault(`${what} of ${size} bytes`, `${this.left} bytes`)
  }
}

/** Whether bytes are valid UTF-8; quick for ASCII. */
export function isText(data: Buffer, start: number, end: number): boolean {
  for (let at = start; at < end; at++) {
    if ((data[at] as number) >= 0x80) return isUtf8(data.subarray(at, end))
  }
  return true
}
