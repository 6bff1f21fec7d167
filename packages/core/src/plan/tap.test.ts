import { expect, test } from 'vitest'
import { fail } from '../record/error-policy.ts'
import { fromArray } from '../source/array-source.ts'
import { sourceNode } from './source.ts'
import { tapNode } from './tap.ts'

test('looking at records changes neither columns nor keys', () => {
  const parts = { timestamp: null, disorderMs: 0, onError: fail() }
  const source = sourceNode({ kind: 'source', source: fromArray([]), ...parts })
  const tap = tapNode(source, () => {}, fail())
  expect(tap).toMatchObject({ step: 'tap#1', schema: source.schema, key: source.key })
  expect(Object.isFrozen(tap)).toBe(true)
})
