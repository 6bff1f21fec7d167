import { expect, test } from 'vitest'
import { fail } from '../record/error-policy.ts'
import { t } from '../schema/data-type.ts'
import { schema } from '../schema/schema.ts'
import { listSink } from '../sink/list-sink.ts'
import { fromArray } from '../source/array-source.ts'
import { type FrameNode, inputOf, nextStep, nodesOf, sourceOf } from './node.ts'
import { sinkNode } from './sink.ts'
import { sourceNode } from './source.ts'
import { tapNode } from './tap.ts'

const source = sourceNode({
  kind: 'source',
  source: fromArray([], { schema: schema({ n: t.int32() }) }),
  timestamp: null,
  disorderMs: 0,
  onError: fail(),
})
const tap = (from: FrameNode) => tapNode(from, () => {}, fail())
const shared = tap(source)
const [left, right] = [sinkNode(tap(shared), listSink()), sinkNode(shared, listSink())]

test('every node once, inputs before those who read them', () => {
  const nodes = nodesOf([left, right])
  expect(nodes.map(({ step }) => step)).toEqual(['array', 'tap#1', 'tap#2', 'list#3', 'list#2'])
  for (const node of nodes) {
    const from = inputOf(node)
    if (from !== null) expect(nodes.indexOf(from)).toBeLessThan(nodes.indexOf(node))
  }
})

test('a chain begins at its source', () => {
  expect(sourceOf(left)).toBe(source)
  expect(sourceOf(source)).toBe(source)
  expect(inputOf(source)).toBeNull()
})

test('steps are counted along the chain', () => {
  expect(nextStep(source, 'where')).toEqual({ step: 'where#1', depth: 1 })
  expect(nextStep(tap(shared), 'drop')).toEqual({ step: 'drop#3', depth: 3 })
})
