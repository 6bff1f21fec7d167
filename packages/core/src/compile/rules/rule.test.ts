import { expect, test } from 'vitest'
import { filterNode } from '../../plan/filter.ts'
import { inputOf, nodesOf, type PlanNode } from '../../plan/node.ts'
import { sinkNode } from '../../plan/sink.ts'
import { sourceNode } from '../../plan/source.ts'
import { tapNode } from '../../plan/tap.ts'
import { fail } from '../../record/error-policy.ts'
import { t } from '../../schema/data-type.ts'
import { schema } from '../../schema/schema.ts'
import { listSink } from '../../sink/list-sink.ts'
import { fromArray } from '../../source/array-source.ts'
import { onInput, rewrite } from './rule.ts'

const source = sourceNode({
  kind: 'source',
  source: fromArray([], { schema: schema({ flag: t.boolean() }) }),
  timestamp: null,
  disorderMs: 0,
  onError: fail(),
})
const flag = { kind: 'column', name: 'flag', type: t.boolean() } as const
const shared = filterNode(source, 'where', flag, fail())
const outputs = [
  sinkNode(shared, listSink()),
  sinkNode(
    tapNode(shared, () => {}, fail()),
    listSink(),
  ),
]

test('a rewrite that changes nothing gives the very same nodes', () => {
  const after = rewrite(outputs, onInput)
  expect(after.every((output, i) => output === outputs[i])).toBe(true)
})

test('a shared node is changed once and stays shared', () => {
  const seen: PlanNode[] = []
  const after = rewrite(outputs, (node, from) => {
    seen.push(node)
    const moved = onInput(node, from)
    return moved.kind === 'source' ? { ...moved, step: 'other' } : moved
  })
  expect(seen).toEqual(nodesOf(outputs))
  const [first, second] = after.map(output => inputOf(output))
  expect(first).not.toBe(shared)
  expect(inputOf(second as PlanNode)).toBe(first)
  expect(inputOf(first as PlanNode)?.step).toBe('other')
})

test('a node on another input is frozen and otherwise equal', () => {
  const other = { ...source, step: 'other' }
  const moved = onInput(shared, other)
  expect(moved).toEqual({ ...shared, from: other })
  expect(Object.isFrozen(moved)).toBe(true)
  expect(onInput(source, null)).toBe(source)
})
