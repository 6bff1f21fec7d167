import { expect, test } from 'vitest'
import { CODECS } from './codecs.ts'

const TEXT =
  'the same bytes over and over, the same bytes over and over, the same bytes over and over'
/** By the command line tool of zstd 1.5. */
const ZSTD = 'KLUv/QRYFQEAyHRoZSBzYW1lIGJ5dGVzIG92ZXIgYW5kLCACAA/q4BRKE2SGfp4='

test('zstd is inflated, whatever Node has for it', () => {
  expect(CODECS[4]?.inflate(Buffer.from(ZSTD, 'base64'), 1_000).toString()).toBe(TEXT)
})

test.each([1, 2, 3, 4])('codec %i refuses bytes that are not its own', number => {
  for (const bytes of ['', 'nonsense', 'longer nonsense, and then some more of it']) {
    expect(() => CODECS[number]?.inflate(Buffer.from(bytes), 1_000)).toThrow()
  }
})

test('what inflates to more than allowed is refused', () => {
  expect(() => CODECS[4]?.inflate(Buffer.from(ZSTD, 'base64'), TEXT.length - 1)).toThrow()
})
