import { types } from 'cassandra-driver'
import { expect, test } from 'vitest'
import { OutRow } from './out-row.ts'
import { Slab } from './slab.ts'

function rowOf(keyAt: readonly number[], ...values: (string | null | undefined)[]): OutRow {
  const slab = new Slab()
  const owner = { isOpen: true, acknowledged() {}, refused() {}, notApplied() {} }
  slab.begin()
  for (const value of values) {
    if (value === null) slab.null()
    else if (value === undefined) slab.unset()
    else slab.value(Buffer.from(value))
  }
  return new OutRow({ query: '', keyAt, weight: 5, owner, batch: {} as never }, 0, slab)
}

test('gives its values back, and what they weigh', () => {
  const row = rowOf([0], 'key', null, undefined, 'ä')
  expect(row.params).toEqual([Buffer.from('key'), null, types.unset, Buffer.from('ä')])
  expect(row.weight).toBe(4 * 4 + 3 + 2 + 5)
})

test('its key is the value of the column, wherever it stands', () => {
  expect(rowOf([0], 'key', 'x').key()).toBe('key')
  expect(rowOf([2], null, 'long before it', 'key').key()).toBe('key')
  expect(rowOf([1], undefined, 'ä').key()).toBe(Buffer.from('ä').toString('latin1'))
})

test('a key of several columns is what a server hashes: each with its size, and a zero', () => {
  const row = rowOf([2, 0], 'bc', 'x', 'a'.repeat(300))
  const expected = Buffer.concat([
    Buffer.from([1, 44]),
    Buffer.from('a'.repeat(300)),
    Buffer.from([0, 0, 2]),
    Buffer.from('bc'),
    Buffer.from([0]),
  ])
  expect(row.key()).toBe(expected.toString('latin1'))
})
