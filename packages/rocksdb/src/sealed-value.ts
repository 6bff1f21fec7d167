/**
 * A value as it lies in the database: its bytes, then the CRC-32 of key and value, big-endian.
 *
 * Why: neither database checks its own checksums when it is iterated over (their bindings switch
 * that off), and a flipped bit would become a wrong result.
 */
import { crc32 } from 'node:zlib'
import { MillraceError } from '@millrace/core'

/** Of the check behind a value. */
export const CHECK_BYTES = 4

/**
 * Writes the check of a key and a value that stand one behind the other in `bytes[from, to)`, from
 * `to` on; gives where it ends.
 */
export function writeCheck(bytes: Buffer, from: number, to: number): number {
  return bytes.writeUInt32BE(crc32(bytes.subarray(from, to)), to)
}

/** The value without its check, not copied. @throws STATE_CORRUPT */
export function openValue(key: Uint8Array, sealed: Buffer): Buffer {
  const size = sealed.length - CHECK_BYTES
  const value = sealed.subarray(0, Math.max(0, size))
  if (size < 0 || sealed.readUInt32BE(size) !== crc32(value, crc32(key))) {
    throw new MillraceError(
      'STATE_CORRUPT',
      `the value of key ${Buffer.from(key).toString('hex')} is not what was written: its ` +
        'checksum differs.',
    )
  }
  return value
}
