import { expect, test } from 'vitest'
import { changesOf } from './changes-of.ts'
import { openValue } from './sealed-value.ts'

test('keys stand behind the prefix, values are sealed, what is gone is deleted', () => {
  const entries = [
    { key: Buffer.from('a'), value: Buffer.from('x') },
    { key: Buffer.from('bc'), value: null },
    { key: Buffer.from(''), value: Buffer.alloc(0) },
  ]
  const { changes, bytes } = changesOf(Buffer.from('p'), entries)
  expect(bytes).toBe(4)
  expect(changes.map(({ type, key }) => [type, key.toString()])).toEqual([
    ['put', 'pa'],
    ['del', 'pbc'],
    ['put', 'p'],
  ])
  const values = changes.map(change =>
    change.type === 'put' ? openValue(change.key, change.value).toString() : null,
  )
  expect(values).toEqual(['x', null, ''])
})
