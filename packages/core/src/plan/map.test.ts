import { expect, test } from 'vitest'
import { fail } from '../record/error-policy.ts'
import { t } from '../schema/data-type.ts'
import { schema } from '../schema/schema.ts'
import { fromArray } from '../source/array-source.ts'
import { mapNode } from './map.ts'
import { sourceNode } from './source.ts'

const Row = schema({ n: t.int32() })
const source = {
  ...sourceNode({
    kind: 'source',
    source: fromArray([], { schema: Row }),
    timestamp: null,
    disorderMs: 0,
    onError: fail(),
  }),
  key: { columns: ['n'], encoding: { kind: 'group' }, isPartitioned: true } as const,
}

test('gives open rows, or rows of a schema', () => {
  const parts = { expands: false, apply: () => ({}), onError: fail() }
  expect(mapNode(source, { ...parts, schema: null }).schema.isOpen).toBe(true)
  expect(mapNode(source, { ...parts, schema: Row }).schema).toBe(Row)
})

test('the key stays, but no column is known to hold it', () => {
  const parts = { apply: () => [], schema: Row, onError: fail() }
  const node = mapNode(source, { ...parts, expands: true })
  expect(node.key).toEqual({ ...source.key, columns: null })
  expect(node.step).toBe('flatMap#1')
  expect(mapNode(source, { ...parts, expands: false }).step).toBe('map#1')
})
