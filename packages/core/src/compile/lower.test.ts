/** Which records reach which machine; what machines do is tested beside them. */

import { expect, test } from 'vitest'
import { COUNT } from '../aggregate/count.ts'
import { filterNode } from '../plan/filter.ts'
import { groupNode } from '../plan/group.ts'
import { lateNode } from '../plan/late.ts'
import type { FrameNode, OutputNode } from '../plan/node.ts'
import { sinkNode } from '../plan/sink.ts'
import { type SourceNode, sourceNode } from '../plan/source.ts'
import { tapNode } from '../plan/tap.ts'
import { type WindowNode, windowNode } from '../plan/window.ts'
import { fail } from '../record/error-policy.ts'
import { t } from '../schema/data-type.ts'
import { schema } from '../schema/schema.ts'
import { type ListSink, listSink } from '../sink/list-sink.ts'
import { fromArray } from '../source/array-source.ts'
import { StateMemory } from '../state/state-memory.ts'
import { batchOfRows } from '../testing/batch-of-rows.ts'
import { ManualClock } from '../testing/manual-clock.ts'
import { tumbling } from '../window/window.ts'
import { lowerPart } from './lower.ts'
import { partsOf } from './sub-topologies.ts'

const onError = fail()
const Row = schema({ flag: t.boolean(), n: t.int32() })
const ROWS = [
  { flag: true, n: 1 },
  { flag: false, n: 2 },
]

function source(): SourceNode {
  const rows = fromArray([], { schema: Row })
  return sourceNode({ kind: 'source', source: rows, timestamp: null, disorderMs: 0, onError })
}

function counts(from: FrameNode): WindowNode {
  return windowNode(
    { ...groupNode(from, ['flag'], { name: null, onError }), via: 'key' },
    {
      window: tumbling('1s'),
      groupColumns: [{ name: 'flag', type: t.boolean() }],
      aggregates: [{ name: 'rows', aggregate: COUNT, input: null, type: t.int32() }],
      name: null,
      onError,
    },
  )
}

/** Runs rows through the one part of a plan, then lets an hour of event time pass, twice. */
async function run(outputs: readonly OutputNode[]): Promise<void> {
  const graph = lowerPart(partsOf(outputs)[0]!, {
    partition: 0,
    internalTopic: identity => identity,
    subTopology: 0,
    generates: true,
    batchRecordsMax: 10,
    storeId: () => 1,
    memory: new StateMemory(1e9),
  })
  await graph.open({
    partition: 0,
    taskCount: 1,
    partitionCount: () => 1,
    produce: () => {},
    send: () => {},
    readsSource: true,
    clock: new ManualClock(),
    warn: () => {},
    waitFor: () => {},
    settled: () => undefined,
    recordFailed: error => {
      throw error
    },
    count: () => {},
  })
  for (let hour = 1; hour <= 2; hour++) {
    await graph.process(batchOfRows(Row, ROWS))
    await graph.advance(hour * 3_600_000)
  }
  await graph.commit(1, await graph.prepare(1))
  await graph.close()
}

const rows = (list: ListSink<object>) => list.rows.map(row => ({ ...row }))

test('every reader of a step gets its records, in the order they were declared', async () => {
  const order: string[] = []
  const flag = { kind: 'column', name: 'flag', type: t.boolean() } as const
  const shared = filterNode(source(), 'where', flag, onError)
  const lists = [listSink(), listSink(), listSink()] as const
  await run([
    sinkNode(
      tapNode(shared, () => order.push('first'), onError),
      lists[0],
    ),
    sinkNode(
      tapNode(shared, () => order.push('second'), onError),
      lists[1],
    ),
    sinkNode(shared.from, lists[2]),
  ])
  expect(lists.map(({ rows }) => rows.length)).toEqual([2, 2, 4])
  expect(order).toEqual(['first', 'second', 'first', 'second'])
})

test('results of a window go one way, its late records another', async () => {
  const window = counts(source())
  const [final, late, lateToo] = [listSink(), listSink(), listSink()] as const
  const after = lateNode(window)
  await run([sinkNode(after, late), sinkNode(window, final), sinkNode(lateNode(window), lateToo)])
  const bounds = { window_start: 0, window_end: 1000 }
  expect(rows(final)).toEqual([
    { flag: false, ...bounds, rows: 1 },
    { flag: true, ...bounds, rows: 1 },
  ])
  expect(rows(late)).toEqual(ROWS)
  expect(rows(lateToo)).toEqual(ROWS)
})

test('a grouping by the key has no machine of its own', async () => {
  const list = listSink()
  const group = { ...groupNode(source(), ['n'], { name: null, onError }), via: 'key' as const }
  await run([sinkNode(group, list)])
  expect(rows(list)).toEqual([...ROWS, ...ROWS])
})
