/**
 * The compression of record batches. Every codec bounds what it gives: bytes that would inflate to
 * more than allowed are refused before or while they do, never after.
 */

export interface Codec {
  readonly name: string
  /** @throws an Error that says what is wrong with the bytes */
  inflate(bytes: Buffer, bytesMax: number): Buffer
}

/** Sizes are checked with this before anything is made. */
export function requireBound(bytes: number, bytesMax: number): void {
  if (bytes > bytesMax) {
    throw new Error(`it inflates to ${bytes} bytes or more; at most ${bytesMax} are taken`)
  }
}
