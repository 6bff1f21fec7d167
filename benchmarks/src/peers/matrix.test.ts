import { expect, test } from 'vitest'
import { CASES } from './cases.ts'
import { chosenOf } from './matrix.ts'

const chosen = (only: string[], withPeers = true): unknown => {
  const { cases, peers } = chosenOf(CASES, only, withPeers)
  return [cases.length, peers]
}

test('only what is named is chosen, of each kind', () => {
  const all = ['kafka-streams', 'quix', 'kafkats']
  expect(chosen([])).toEqual([CASES.length, all])
  expect(chosen(['read'])).toEqual([1, all])
  expect(chosen(['quix'])).toEqual([CASES.length, ['quix']])
  expect(chosen(['read', 'half', 'quix'])).toEqual([2, ['quix']])
  expect(chosen([], false)).toEqual([CASES.length, []])
})

test('a name that is not known is refused with those that are', () => {
  expect(() => chosen(['raed'])).toThrow(/does not know raed; it knows read, half/)
  // A peer of other cases alone.
  expect(() => chosen(['millrace-json'])).toThrow(/does not know millrace-json; .* kafkats$/)
})
