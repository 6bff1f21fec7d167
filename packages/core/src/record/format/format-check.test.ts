import { expect, test } from 'vitest'
import { ByteReader } from '../../util/byte-reader.ts'
import { expectEnd, expectVersion, formatError, readCount } from './format-check.ts'

const reader = (...bytes: number[]): ByteReader => new ByteReader(Uint8Array.from(bytes), 'a thing')

test('an error says what, expected and got', () => {
  expect(formatError('a thing', 'a', 'b').message).toMatch(
    /^FORMAT_UNKNOWN: a thing: expected a, got b\. The data was written by a newer version/,
  )
})

test('takes the version it knows and refuses another', () => {
  const from = reader(1, 7)
  expectVersion(from, 1, 'a thing')
  expect(from.at).toBe(1)
  expect(() => expectVersion(from, 1, 'a thing')).toThrow(
    'expected format version 1, got version 7',
  )
})

test('refuses bytes behind the end', () => {
  expectEnd(reader(), 'a thing')
  expect(() => expectEnd(reader(1, 2), 'a thing')).toThrow('expected the end, got 2 more bytes')
})

test('refuses a count that cannot be true', () => {
  expect(readCount(reader(2, 0, 0, 0, 0), 2, 'a thing')).toBe(2)
  expect(() => readCount(reader(3, 0, 0, 0, 0), 2, 'a thing')).toThrow('expected 3 elements')
})
