/**
 * Fixed-size forms of numbers whose unsigned byte order is the order of the numbers.
 *
 * Integers: 8 bytes, big-endian, sign bit flipped; smallest units of decimals: 16 such bytes.
 * Doubles: 8 bytes, big-endian; the sign bit flipped for positive numbers, all bits for negative
 * ones; -0 is written as 0, every NaN as one NaN, which comes last.
 */
import type { ByteReader } from '../../util/byte-reader.ts'
import type { ByteWriter } from '../../util/byte-writer.ts'

const SIGN = 0x80000000
const TWO_32 = 0x1_0000_0000
const TWO_63 = 1n << 63n
const TWO_127 = 1n << 127n
const NAN_HIGH = 0xfff80000

const scratch = new DataView(new ArrayBuffer(8))

/** A safe integer, or a bigint of 64 bits. */
export function writeSortableInteger(value: number | bigint, out: ByteWriter): void {
  if (typeof value === 'bigint') {
    out.int64(value < 0n ? value + TWO_63 : value - TWO_63)
    return
  }
  const high = Math.floor(value / TWO_32)
  out.int32(high ^ SIGN)
  out.int32((value - high * TWO_32) | 0)
}

/** The integer as a number: exact up to 2^53. */
export function readSortableInteger(from: ByteReader): number {
  const high = from.int32() ^ SIGN
  return high * TWO_32 + (from.int32() >>> 0)
}

export function readSortableBigInt(from: ByteReader): bigint {
  const flipped = from.int64()
  return flipped < 0n ? flipped + TWO_63 : flipped - TWO_63
}

/** A bigint of 128 bits. */
export function writeSortableDecimal(unscaled: bigint, out: ByteWriter): void {
  const flipped = unscaled + TWO_127
  out.int64(BigInt.asIntN(64, flipped >> 64n))
  out.int64(BigInt.asIntN(64, flipped))
}

export function readSortableDecimal(from: ByteReader): bigint {
  const high = BigInt.asUintN(64, from.int64())
  const low = BigInt.asUintN(64, from.int64())
  return ((high << 64n) | low) - TWO_127
}

export function writeSortableFloat64(value: number, out: ByteWriter): void {
  if (Number.isNaN(value)) {
    out.int32(NAN_HIGH | 0)
    out.int32(0)
    return
  }
  scratch.setFloat64(0, value === 0 ? 0 : value)
  const high = scratch.getInt32(0)
  const low = scratch.getInt32(4)
  out.int32(high < 0 ? ~high : high ^ SIGN)
  out.int32(high < 0 ? ~low : low)
}

export function readSortableFloat64(from: ByteReader): number {
  const high = from.int32()
  const low = from.int32()
  scratch.setInt32(0, high < 0 ? high ^ SIGN : ~high)
  scratch.setInt32(4, high < 0 ? low : ~low)
  return scratch.getFloat64(0)
}
