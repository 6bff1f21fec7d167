import { describe, expect, test } from 'vitest'
import { textOfBytes } from './text-of-bytes.ts'

/** Sizes around the longest that has a form of its own. */
const SIZES = Array.from({ length: 21 }, (_, size) => size)

describe('text of bytes', () => {
  test.each(SIZES)('is what Node reads: %i bytes of ASCII', size => {
    const text = '\0a~\x7fZ-0_".,;:!?+*/=()'.slice(0, size)
    const data = Buffer.from(`<${text}>`)
    expect(textOfBytes(data, 1, 1 + size)).toBe(text)
    expect(text).toHaveLength(size)
  })

  test.each(SIZES.slice(2))('is what Node reads: %i bytes, not all of ASCII', size => {
    for (let at = 0; at <= size - 2; at++) {
      const text = `${'a'.repeat(at)}ä${'z'.repeat(size - 2 - at)}`
      const data = Buffer.from(`é${text}é`)
      expect(textOfBytes(data, 2, 2 + size)).toBe(text)
    }
  })
})
