import { expect, test } from 'vitest'
import { describe as inWords } from './cql-refusal.ts'

test.each([
  [undefined, 'nothing'],
  ['a'.repeat(100), `"${'a'.repeat(60)}…"`],
  [5n, '5n'],
  [new Uint8Array(3), '3 bytes'],
  [[1, 2], 'an array of 2'],
  [{ a: 1 }, 'an object'],
  [Number.NaN, 'NaN'],
])('puts %s in a few words', (value, words) => {
  expect(inWords(value)).toBe(words)
})
