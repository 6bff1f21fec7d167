import { expect, test } from 'vitest'
import { checkCommit } from './check-commit.ts'

const commit = { topic: 'shop', partition: 3, offset: 7, metadata: 'a'.repeat(3_000) }

test('takes an offset with printable ASCII', () => {
  expect(() => checkCommit(commit)).not.toThrow()
  expect(() => checkCommit({ ...commit, offset: 0, metadata: '' })).not.toThrow()
})

test.each([
  [{ offset: -1 }, /whole number >= 0; got -1.*shop/],
  [{ offset: 1.5 }, /got 1.5/],
  [{ offset: 2 ** 53 }, /got 9007199254740992/],
  [{ metadata: 'a'.repeat(3_001) }, /at most 3000 characters; got 3001/],
  [{ metadata: 'ü' }, /printable ASCII/],
  [{ metadata: 'a\n' }, /printable ASCII/],
])('refuses %o', (part, text) => {
  expect(() => checkCommit({ ...commit, ...part })).toThrow(text)
})
