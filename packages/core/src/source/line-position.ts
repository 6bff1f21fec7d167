/**
 * Where a reader of lines stands, as text: `byte "." check`, or `0` at the beginning.
 *
 * The check is the CRC-32, in 8 hex digits, of the bytes before that one, 256 at most: a file that
 * has grown has them still, one that was written anew has others.
 */
import type { FileHandle } from 'node:fs/promises'
import { crc32 } from 'node:zlib'
import { MillraceError } from '../errors.ts'
import { describeValue } from '../schema/refusal.ts'

export interface LinePosition {
  readonly byte: number
  /** Null: there is nothing before it. */
  readonly check: string | null
}

const CHECKED_BYTES = 256

/** @throws FORMAT_UNKNOWN for other text, such as a position of another source. */
export function parseLinePosition(position: string | null, file: string): LinePosition {
  if (position === null || position === '0') return { byte: 0, check: null }
  const [, byte, check] = /^([1-9]\d{0,14})\.([0-9a-f]{8})$/.exec(position) ?? []
  if (byte !== undefined && check !== undefined) return { byte: Number(byte), check }
  throw new MillraceError(
    'FORMAT_UNKNOWN',
    `${file}: expected a position of lines, a byte and a check, got ${describeValue(position)}. ` +
      'It was written by another source or a newer version.',
  )
}

/** The position at a byte of a file. */
export async function linePosition(file: FileHandle, byte: number): Promise<string> {
  return byte === 0 ? '0' : `${byte}.${await checkBefore(file, byte)}`
}

/** Of the bytes before one; of those that are there. */
export async function checkBefore(file: FileHandle, byte: number): Promise<string> {
  const wanted = Math.min(CHECKED_BYTES, byte)
  const bytes = Buffer.allocUnsafe(wanted)
  let size = 0
  for (let isEnd = false; size < wanted && !isEnd; ) {
    const { bytesRead } = await file.read(bytes, size, wanted - size, byte - wanted + size)
    size += bytesRead
    isEnd = bytesRead === 0
  }
  return crc32(bytes.subarray(0, size)).toString(16).padStart(8, '0')
}
