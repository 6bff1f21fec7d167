import { expect, test } from 'vitest'
import { COUNT } from '../aggregate/count.ts'
import { MAX } from '../aggregate/max.ts'
import type { Expr } from '../expr/expr.ts'
import { filterNode } from '../plan/filter.ts'
import { groupNode } from '../plan/group.ts'
import { lateNode } from '../plan/late.ts'
import type { FrameNode, OutputNode } from '../plan/node.ts'
import { projectNode } from '../plan/project.ts'
import { sinkNode } from '../plan/sink.ts'
import { type SourceNode, sourceNode } from '../plan/source.ts'
import { stageNode } from '../plan/stage.ts'
import { tapNode } from '../plan/tap.ts'
import { toTopicNode } from '../plan/to-topic.ts'
import { windowNode } from '../plan/window.ts'
import { fail } from '../record/error-policy.ts'
import { t } from '../schema/data-type.ts'
import { schema } from '../schema/schema.ts'
import { json } from '../serde/json.ts'
import { listSink } from '../sink/list-sink.ts'
import { fromArray } from '../source/array-source.ts'
import { tumbling } from '../window/window.ts'
import { letsGo } from './lets-go.ts'
import { partsOf } from './sub-topologies.ts'

const onError = fail()
const FLAG: Expr = { kind: 'column', name: 'flag', type: t.boolean() }
const CALL: Expr = { kind: 'function', apply: () => true, label: 'f', type: t.boolean() }
const TOPIC = {
  ...{ name: 'out', key: null, keyColumn: null, value: json(), timestamp: null },
  ...{ disorderMs: 0, idleMs: 0, onError, create: null },
}

function source(): SourceNode {
  const rows = fromArray([], { schema: schema({ flag: t.boolean(), n: t.int32() }) })
  return sourceNode({ kind: 'source', source: rows, timestamp: null, disorderMs: 0, onError })
}

const where = (from: FrameNode, predicate: Expr = FLAG) =>
  filterNode(from, 'where', predicate, onError)
const select = (from: FrameNode, expr: Expr = FLAG) =>
  projectNode(from, 'select', { columns: [{ name: 'flag', expr }], omit: null, onError })
const out = (from: FrameNode) => toTopicNode(from, TOPIC, onError)
const sink = (from: FrameNode) => sinkNode(from, listSink())

function window(from: FrameNode, aggregate = COUNT) {
  return windowNode(from, {
    window: tumbling('1s'),
    groupColumns: [],
    aggregates: [{ name: 'a', aggregate, input: null, type: t.int32() }],
    name: null,
    onError,
  })
}

const each = (...outputs: OutputNode[]) => partsOf(outputs).map(letsGo)

test('expressions, groupings, windows of numbers and topics keep nothing', () => {
  expect(each(out(select(where(source()))))).toEqual([true])
  expect(each(out(window(source())))).toEqual([true])
  const grouped = groupNode(where(source()), ['flag'], { name: null, onError })
  expect(each(out(window(grouped)))).toEqual([true, true])
})

test("users' functions and sinks may keep what they are given", () => {
  expect(each(sink(source()))).toEqual([false])
  expect(each(out(where(source(), CALL)))).toEqual([false])
  expect(each(out(select(source(), CALL)))).toEqual([false])
  expect(each(out(tapNode(source(), () => {}, onError)))).toEqual([false])
  expect(each(out(source()), sink(source()))).toEqual([true, false])
  const shared = source()
  expect(each(out(shared), sink(where(shared)))).toEqual([false])
})

test('so do aggregates that keep values, and steps of a stage', () => {
  const column = { name: 'n', expr: { kind: 'column', name: 'n', type: t.int32() } } as const
  const greatest = { ...MAX, resultType: () => t.int32() }
  const ofText = windowNode(source(), {
    window: tumbling('1s'),
    groupColumns: [],
    aggregates: [{ name: 'a', aggregate: greatest, input: column.expr, type: t.int32() }],
    name: null,
    onError,
  })
  expect(each(out(ofText))).toEqual([false])
  const from = source()
  const steps = (predicate: Expr) => {
    const first = where(from, predicate)
    return stageNode(from, [first, select(first)])
  }
  expect(each(out(steps(FLAG)))).toEqual([true])
  expect(each(out(steps(CALL)))).toEqual([false])
})

test('what leaves a window is its own, but for late records', () => {
  const windows = window(source())
  expect(each(sink(windows))).toEqual([true])
  expect(each(out(windows), out(lateNode(windows)))).toEqual([true])
  expect(each(out(windows), sink(lateNode(windows)))).toEqual([false])
  expect(each(sink(where(windows, CALL)), out(where(lateNode(windows))))).toEqual([true])
})
