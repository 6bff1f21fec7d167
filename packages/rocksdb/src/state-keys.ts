/**
 * The keys of a database of state. All spaces share one database; docs/formats.md has the law:
 *
 *   key = 00                       the record of the database
 *       | 01 text space, any key   an entry of a space
 *       | 02 text space            the space is being cleared
 *
 * A text is its size, then its bytes, so no space is the beginning of another, whatever its entries
 * are called.
 */
import { ByteWriter, MillraceError } from '@millrace/core'

export const RECORD_KEY: Buffer = Buffer.of(0x00)

/** Before every key there is, and behind. */
export const FIRST_KEY: Buffer = Buffer.of(0x00)
export const END_KEY: Buffer = Buffer.of(0xff)

const ENTRY = 0x01
const CLEARING = 0x02

/** What all keys of a space begin with. @throws INVALID_ARGUMENT: a name that UTF-8 can't hold. */
export function spacePrefix(space: string): Buffer {
  return named(ENTRY, space)
}

/** The key that says a space is being cleared. */
export function clearingKey(space: string): Buffer {
  return named(CLEARING, space)
}

/** The first key behind all that begin with a prefix. Its last byte is of UTF-8, or 0: never ff. */
export function endOfPrefix(prefix: Buffer): Buffer {
  const end = Buffer.from(prefix)
  end[end.length - 1] = (end[end.length - 1] as number) + 1
  return end
}

/** Keys behind a prefix, all of them in one piece of memory. */
export function prefixed(prefix: Buffer, keys: readonly Uint8Array[]): Buffer[] {
  let size = 0
  for (const key of keys) size += prefix.length + key.length
  const all = Buffer.allocUnsafe(size)
  let at = 0
  return keys.map(key => {
    all.set(prefix, at)
    all.set(key, at + prefix.length)
    const end = at + prefix.length + key.length
    const made = all.subarray(at, end)
    at = end
    return made
  })
}

function named(kind: number, space: string): Buffer {
  const text = Buffer.from(space)
  if (text.toString() !== space) {
    throw new MillraceError(
      'INVALID_ARGUMENT',
      `a space of state can't be called ${JSON.stringify(space)}: half of a character is in it. ` +
        'Name it in text.',
    )
  }
  const out = new ByteWriter()
  out.byte(kind)
  out.unsigned(text.length)
  out.bytes(text)
  return out.take()
}
