/**
 * The text of a JSON string with escapes, as UTF-8. The string is valid: `stringEnd` has read it.
 * A lone surrogate becomes U+FFFD, as where a JavaScript string is stored.
 */
import type { ByteWriter } from '../../util/byte-writer.ts'

/** What follows a backslash, but u, to what it means. */
const MEANINGS: Uint8Array = Uint8Array.from({ length: 256 }, (_, byte) => byte)
for (const [letter, meaning] of ['b\b', 'f\f', 'n\n', 'r\r', 't\t']) {
  MEANINGS[(letter as string).charCodeAt(0)] = (meaning as string).charCodeAt(0)
}

const BACKSLASH = 0x5c
const LETTER_U = 0x75
const REPLACEMENT = 0xfffd

/** Appends the text of `data[from, end)`. */
export function writeUnescaped(data: Uint8Array, from: number, end: number, out: ByteWriter): void {
  let at = from
  let plain = from
  while (at < end) {
    if (data[at] !== BACKSLASH) {
      at++
      continue
    }
    out.range(data, plain, at - plain)
    const letter = data[at + 1] as number
    if (letter !== LETTER_U) {
      out.byte(MEANINGS[letter] as number)
      at += 2
    } else {
      const unit = unitAt(data, at + 2)
      at += 6
      const isPair = unit >= 0xd800 && unit < 0xdc00 && at < end && isLowAt(data, at)
      if (isPair) {
        writeCode(0x1_0000 + (unit - 0xd800) * 0x400 + unitAt(data, at + 2) - 0xdc00, out)
        at += 6
      } else writeCode(unit >= 0xd800 && unit < 0xe000 ? REPLACEMENT : unit, out)
    }
    plain = at
  }
  out.range(data, plain, end - plain)
}

/** True when the escape of a low surrogate stands here. */
function isLowAt(data: Uint8Array, at: number): boolean {
  if (data[at] !== BACKSLASH || data[at + 1] !== LETTER_U) return false
  const unit = unitAt(data, at + 2)
  return unit >= 0xdc00 && unit < 0xe000
}

function unitAt(data: Uint8Array, from: number): number {
  let unit = 0
  for (let at = from; at < from + 4; at++) {
    const byte = data[at] as number
    unit = unit * 16 + (byte <= 0x39 ? byte - 0x30 : (byte & 0x0f) + 9)
  }
  return unit
}

function writeCode(code: number, out: ByteWriter): void {
  if (code < 0x80) out.byte(code)
  else if (code < 0x800) {
    out.byte(0xc0 | (code >> 6))
    out.byte(0x80 | (code & 0x3f))
  } else {
    if (code < 0x1_0000) out.byte(0xe0 | (code >> 12))
    else {
      out.byte(0xf0 | (code >> 18))
      out.byte(0x80 | ((code >> 12) & 0x3f))
    }
    out.byte(0x80 | ((code >> 6) & 0x3f))
    out.byte(0x80 | (code & 0x3f))
  }
}
