import fc from 'fast-check'
import { expect, test } from 'vitest'
import { keyOrder } from './key-order.ts'
import { KeyTable } from './key-table.ts'

function inOrder(texts: readonly string[]): string[] {
  const table = new KeyTable()
  const ids = Int32Array.from(texts, text => table.atText(text))
  return [...keyOrder(ids, table)].map(place => texts[place] as string)
}

/** Few different bytes, so that keys begin alike and some are the beginning of others. */
const bytes = fc.constantFrom('\0', '\x01', 'a', 'b', '\x7f', '\x80', '\xff')
const keys = fc.tuple(fc.constantFrom('', 'user_', 'a'.repeat(20)), fc.string({ unit: bytes }))

test('keys come in the order of their bytes', () => {
  fc.assert(
    fc.property(fc.uniqueArray(keys, { selector: k => k.join(''), maxLength: 200 }), all => {
      const texts = all.map(([head, tail]) => head + tail)
      expect(inOrder(texts)).toEqual([...texts].sort())
    }),
    { numRuns: 500 },
  )
})

test('many keys, those that begin alike and those that end in zeros too', () => {
  const texts = Array.from(
    { length: 5_000 },
    (_, i) => `tenant ${i % 7}/user ${(i * 7919) % 5_000}`,
  )
  texts.push(...Array.from({ length: 40 }, (_, i) => `tenant 1/${'\0'.repeat(i)}`))
  expect(inOrder(texts)).toEqual([...texts].sort())
})

test('none, and one', () => {
  expect([inOrder([]), inOrder([''])]).toEqual([[], ['']])
})
