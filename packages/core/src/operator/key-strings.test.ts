import fc from 'fast-check'
import { expect, test } from 'vitest'
import { KeyStrings } from './key-strings.ts'

test('a key is the text of its bytes, whatever came before', () => {
  const keys = new KeyStrings()
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 4 }),
    fc.uint8Array({ minLength: 60, maxLength: 70 }),
  )
  fc.assert(
    fc.property(fc.array(bytes, { maxLength: 50 }), parts => {
      const data = Buffer.concat(parts)
      let start = 0
      for (const part of parts) {
        const end = start + part.length
        expect(keys.at(data, start, end)).toBe(Buffer.from(part).toString('latin1'))
        start = end
      }
    }),
  )
})
