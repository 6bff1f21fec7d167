import { expect, test } from 'vitest'
import { fail } from '../record/error-policy.ts'
import { t } from '../schema/data-type.ts'
import { schema } from '../schema/schema.ts'
import { fromArray } from '../source/array-source.ts'
import { groupNode } from './group.ts'
import type { FrameNode } from './node.ts'
import { sourceNode } from './source.ts'

const source = sourceNode({
  kind: 'source',
  source: fromArray([], { schema: schema({ shop: t.string(), n: t.int32().nullable() }) }),
  timestamp: null,
  disorderMs: 0,
  onError: fail(),
})

function group(columns: readonly string[], name: string | null = null, from: FrameNode = source) {
  return groupNode(from, columns, { name, onError: fail() })
}

test('knows its columns, their types, and that their records are together', () => {
  const node = group(['n', 'shop'])
  expect(node.types.map(String)).toEqual(['int32?', 'string'])
  expect(node.key).toEqual({
    columns: ['n', 'shop'],
    encoding: { kind: 'group' },
    isPartitioned: true,
  })
  expect(node).toMatchObject({ step: 'groupBy#1', via: 'repartition', schema: source.schema })
})

test('is found again by its columns and source, or by its name', () => {
  expect(group(['shop']).identity).toBe('by-shop-array')
  expect(group(['n', 'shop']).identity).toBe('by-n-shop-array')
  expect(group(['shop'], 'mine').identity).toBe('mine')
})

test('a grouping behind another has a name of its own', () => {
  expect(group(['shop'], null, group(['shop'])).identity).toBe('by-shop-array-2')
  expect(group(['shop'], null, group(['n'], 'mine')).identity).toBe('by-shop-array-2')
})

test('needs different columns that there are', () => {
  expect(() => group([])).toThrow('groupBy needs one or more different columns; got [].')
  expect(() => group(['n', 'n'])).toThrow('got ["n","n"]')
  expect(() => group(['m'])).toThrow('UNKNOWN_COLUMN')
})
