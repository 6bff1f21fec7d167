import { expect, test } from 'vitest'
import { passed, projectNode } from '../../plan/project.ts'
import { sinkNode } from '../../plan/sink.ts'
import { sourceNode } from '../../plan/source.ts'
import { fail } from '../../record/error-policy.ts'
import { t } from '../../schema/data-type.ts'
import { schema } from '../../schema/schema.ts'
import { listSink } from '../../sink/list-sink.ts'
import { fromArray } from '../../source/array-source.ts'
import { applyRules, RULES } from './index.ts'
import { rewrite } from './rule.ts'

const source = sourceNode({
  kind: 'source',
  source: fromArray([], { schema: schema({ a: t.string(), b: t.int32() }) }),
  timestamp: null,
  disorderMs: 0,
  onError: fail(),
})
const columns = [passed('b', t.int32()), passed('a', t.string())]
const plan = [
  sinkNode(projectNode(source, 'select', { columns, omit: null, onError: fail() }), listSink()),
  sinkNode(source, listSink()),
]

test('outputs keep their order and their columns', () => {
  const after = applyRules(plan)
  expect(after.map(({ schema }) => `${schema}`)).toEqual([
    '{b: int32, a: string}',
    '{a: string, b: int32}',
  ])
  expect(RULES.map(({ name }) => name)).toEqual([
    'reuse-key',
    'push-read-columns',
    'push-wanted',
    'fuse-stages',
  ])
})

test('without rules a plan is as it was written', () => {
  expect(applyRules(plan, [])).toBe(plan)
})

test('a rule that loses an output or a column is a bug', () => {
  const forgets = { name: 'forgets', apply: () => plan.slice(1) }
  expect(() => applyRules(plan, [forgets])).toThrow("rule forgets keeps the outputs' columns")
  const narrows = {
    name: 'narrows',
    apply: (outputs: typeof plan) =>
      rewrite(outputs, node => ({ ...node, schema: schema({ a: t.string() }) })),
  }
  expect(() => applyRules(plan, [narrows as never])).toThrow('INTERNAL')
})
