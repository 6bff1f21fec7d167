import { isUtf8 } from 'node:buffer'
import { Refusal } from '../schema/refusal.ts'

const REPLACEMENT = '\ufffd'

/** The text of UTF-8 bytes, or a refusal when they are not UTF-8: nothing is replaced silently. */
export function utf8Text(data: Buffer, start: number, end: number): string | Refusal {
  let text: string
  try {
    text = data.toString('utf8', start, end)
    // Only text that holds the replacement character can have been repaired.
    if (!text.includes(REPLACEMENT) || isUtf8(data.subarray(start, end))) return text
  } catch (error) {
    return new Refusal('DECODE_FAILED', 'text that fits into memory', String(error))
  }
  const at = firstInvalid(data.subarray(start, end), text)
  const bytes = data.subarray(start + at, Math.min(end, start + at + 8)).toString('hex')
  return new Refusal('DECODE_FAILED', 'valid UTF-8', `bytes ${bytes} at position ${at}`)
}

/** The first byte that the repaired text does not give back. */
function firstInvalid(bytes: Uint8Array, repaired: string): number {
  const given = Buffer.from(repaired)
  return bytes.findIndex((byte, index) => byte !== given[index])
}
