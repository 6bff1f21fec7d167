/**
 * The checks every reader of a stored format makes: a version it knows, nothing behind the end,
 * sane counts.
 */
import { MillraceError } from '../../errors.ts'
import type { ByteReader } from '../../util/byte-reader.ts'

/** FORMAT_UNKNOWN that names the format, what was expected and what was there. */
export function formatError(what: string, expected: string, got: string): MillraceError {
  return new MillraceError(
    'FORMAT_UNKNOWN',
    `${what}: expected ${expected}, got ${got}. ` +
      'The data was written by a newer version of Millrace, or not by Millrace.',
  )
}

/** Takes the version byte. @throws FORMAT_UNKNOWN when it is another one. */
export function expectVersion(from: ByteReader, version: number, what: string): void {
  const got = from.byte()
  if (got !== version) throw formatError(what, `format version ${version}`, `version ${got}`)
}

/** @throws FORMAT_UNKNOWN when bytes are left. */
export function expectEnd(from: ByteReader, what: string): void {
  if (from.left > 0) throw formatError(what, 'the end', `${from.left} more bytes`)
}

/**
 * Takes a count of elements that need at least `bytesMin` bytes each, so that nothing is allocated
 * for a false count.
 * @throws FORMAT_UNKNOWN when that many cannot follow.
 */
export function readCount(from: ByteReader, bytesMin: number, what: string): number {
  const count = from.unsigned()
  if (count * bytesMin > from.left) {
    throw formatError(what, `${count} elements of ${bytesMin} bytes or more`, `${from.left} bytes`)
  }
  return count
}
