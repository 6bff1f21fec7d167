import fc from 'fast-check'
import { expect, test } from 'vitest'
import { utf8Text } from './utf8-text.ts'

test('valid text is read, the replacement character too', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), text => {
      const bytes = Buffer.from(`ab${text}c`)
      expect(utf8Text(bytes, 2, bytes.length - 1)).toBe(text)
    }),
  )
  expect(utf8Text(Buffer.from('\ufffd'), 0, 3)).toBe('\ufffd')
})

test.each([
  ['61ff62', 'bytes ff62 at position 1'],
  ['c3', 'bytes c3 at position 0'],
  ['616263e28282ed', 'bytes ed at position 6'],
  ['eda080', 'bytes eda080 at position 0'],
])('%s is refused', (hex, got) => {
  const bytes = Buffer.from(hex, 'hex')
  expect(utf8Text(bytes, 0, bytes.length)).toMatchObject({
    code: 'DECODE_FAILED',
    expected: 'valid UTF-8',
    got,
  })
})
