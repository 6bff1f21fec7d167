import { expect, test } from 'vitest'
import { fail } from '../record/error-policy.ts'
import { fromArray } from '../source/array-source.ts'
import { headersNode } from './headers.ts'
import { sourceNode } from './source.ts'

test('other headers change neither columns nor keys', () => {
  const parts = { timestamp: null, disorderMs: 0, onError: fail() }
  const source = sourceNode({ kind: 'source', source: fromArray([]), ...parts })
  const node = headersNode(source, () => [], fail())
  expect(node).toMatchObject({ step: 'withHeaders#1', schema: source.schema, key: source.key })
  expect(Object.isFrozen(node)).toBe(true)
})
