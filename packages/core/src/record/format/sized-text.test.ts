import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ByteReader } from '../../util/byte-reader.ts'
import { ByteWriter } from '../../util/byte-writer.ts'
import { readBytes, readText, writeBytes, writeText } from './sized-text.ts'

test('any text comes back', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), text => {
      const out = new ByteWriter()
      writeText(text, out)
      expect(readText(new ByteReader(out.view(), 'text'))).toBe(text)
    }),
  )
})

test('any bytes come back', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), bytes => {
      const out = new ByteWriter()
      writeBytes(bytes, out)
      expect(Uint8Array.from(readBytes(new ByteReader(out.view(), 'bytes')))).toEqual(bytes)
    }),
  )
})

test('a size beyond the end is refused', () => {
  expect(() => readText(new ByteReader(Uint8Array.of(5, 0x61), 'text'))).toThrow('FORMAT_UNKNOWN')
})
