import { expect, test } from 'vitest'
import { isKeyedBy, type KeyInfo, renamedKey } from './key-info.ts'

const key: KeyInfo = { columns: ['a', 'b'], encoding: { kind: 'group' }, isPartitioned: true }

test('a key follows its columns, or is unknown when one is gone', () => {
  expect(renamedKey(key, name => `${name}2`)).toEqual({ ...key, columns: ['a2', 'b2'] })
  expect(renamedKey(key, name => (name === 'a' ? name : undefined))).toEqual({
    ...key,
    columns: null,
  })
  expect(renamedKey({ ...key, columns: null }, name => name).columns).toBeNull()
})

test('keyed by: the same columns in any order, and partitioned', () => {
  expect(isKeyedBy(key, ['b', 'a'])).toBe(true)
  expect(isKeyedBy(key, ['a'])).toBe(false)
  expect(isKeyedBy(key, ['a', 'b', 'c'])).toBe(false)
  expect(isKeyedBy(key, ['a', 'c'])).toBe(false)
  expect(isKeyedBy({ ...key, isPartitioned: false }, ['a', 'b'])).toBe(false)
  expect(isKeyedBy({ ...key, columns: null }, ['a', 'b'])).toBe(false)
})
