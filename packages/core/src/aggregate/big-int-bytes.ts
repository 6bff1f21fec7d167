/**
 * A bigint of any size: varint count of bytes, then two's complement, big-endian, as few bytes as
 * hold it; 0 has none.
 */
import type { ByteReader } from '../util/byte-reader.ts'
import type { ByteWriter } from '../util/byte-writer.ts'

export function writeBigInt(value: bigint, out: ByteWriter): void {
  if (value === 0n) {
    out.byte(0)
    return
  }
  const magnitude = value < 0n ? -value - 1n : value
  const size = (magnitude.toString(2).length >>> 3) + 1
  const digits = BigInt.asUintN(size * 8, value).toString(16)
  out.unsigned(size)
  out.bytes(Buffer.from(digits.padStart(size * 2, '0'), 'hex'))
}

export function readBigInt(from: ByteReader): bigint {
  const size = from.unsigned()
  if (size === 0) return 0n
  return BigInt.asIntN(size * 8, BigInt(`0x${from.bytes(size).toString('hex')}`))
}
