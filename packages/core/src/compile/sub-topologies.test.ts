import { expect, test } from 'vitest'
import { COUNT } from '../aggregate/count.ts'
import { filterNode } from '../plan/filter.ts'
import { groupNode } from '../plan/group.ts'
import type { FrameNode } from '../plan/node.ts'
import { sinkNode } from '../plan/sink.ts'
import { type SourceNode, sourceNode } from '../plan/source.ts'
import { windowNode } from '../plan/window.ts'
import { fail } from '../record/error-policy.ts'
import { t } from '../schema/data-type.ts'
import { schema } from '../schema/schema.ts'
import { listSink } from '../sink/list-sink.ts'
import { fromArray } from '../source/array-source.ts'
import { tumbling } from '../window/window.ts'
import { partsOf } from './sub-topologies.ts'

const onError = fail()

function source(): SourceNode {
  const rows = fromArray([], { schema: schema({ flag: t.boolean(), n: t.int32() }) })
  return sourceNode({ kind: 'source', source: rows, timestamp: null, disorderMs: 0, onError })
}

function counts(from: FrameNode, column: string): FrameNode {
  return windowNode(groupNode(from, [column], { name: null, onError }), {
    window: tumbling('1s'),
    groupColumns: [{ name: column, type: from.schema.typeOf(column) }],
    aggregates: [{ name: `${column} rows`, aggregate: COUNT, input: null, type: t.int32() }],
    name: null,
    onError,
  })
}

function shape(outputs: Parameters<typeof partsOf>[0]) {
  return partsOf(outputs).map(({ root, members, upstream }) => ({
    root: root.step,
    members: members.map(({ step }) => step),
    upstream,
  }))
}

test('steps of one source are one part, each step once', () => {
  const flag = { kind: 'column', name: 'flag', type: t.boolean() } as const
  const shared = filterNode(source(), 'where', flag, onError)
  expect(shape([sinkNode(shared, listSink()), sinkNode(shared, listSink())])).toEqual([
    { root: 'array', members: ['where#1', 'list#2', 'list#2'], upstream: null },
  ])
})

test('a grouping ends one part and begins the next', () => {
  const input = source()
  const outputs = [
    sinkNode(counts(counts(input, 'flag'), 'flag rows'), listSink()),
    sinkNode(input, listSink()),
  ]
  expect(shape(outputs)).toEqual([
    { root: 'array', members: ['groupBy#1', 'list#1'], upstream: null },
    { root: 'groupBy#1', members: ['agg#2', 'groupBy#3'], upstream: 0 },
    { root: 'groupBy#3', members: ['agg#4', 'list#5'], upstream: 1 },
  ])
})

test('a grouping by the key cuts nothing', () => {
  const group = { ...groupNode(source(), ['n'], { name: null, onError }), via: 'key' as const }
  expect(shape([sinkNode(group, listSink())])).toEqual([
    { root: 'array', members: ['groupBy#1', 'list#2'], upstream: null },
  ])
})

test('two sources are two parts', () => {
  const outputs = [sinkNode(source(), listSink()), sinkNode(source(), listSink())]
  expect(partsOf(outputs).map(({ id, root }) => [id, root.step])).toEqual([
    [0, 'array'],
    [1, 'array'],
  ])
})
