import { expect, test } from 'vitest'
import { rowsOf } from '../batch/row.ts'
import type { Operator, OperatorContext } from '../operator/operator.ts'
import { OperatorGraph } from '../operator/operator-graph.ts'
import { fail } from '../record/error-policy.ts'
import { t } from '../schema/data-type.ts'
import { schema } from '../schema/schema.ts'
import type { Source } from '../source/source.ts'
import { LocalIntake } from './local-intake.ts'

const Row = schema({ n: t.int32() })

/** A source whose chunks the test gives; the last one ends it. */
function setUp(chunks: readonly (readonly number[])[], partition = 0) {
  const calls: string[] = []
  const seen: unknown[] = []
  let next = 0
  const source: Source = {
    name: 'numbers',
    schema: Row,
    isBounded: true,
    partitionCount: 2,
    open: async (of, position) => {
      calls.push(`open ${of} ${position}`)
      return {
        read: async recordsMax => {
          calls.push(`read ${recordsMax}`)
          const records = (chunks[next++] ?? []).map(n => ({ value: { n }, timestamp: n }))
          return { records, position: String(next), isEnd: next >= chunks.length }
        },
        close: async () => {
          calls.push('close')
        },
      }
    },
  }
  const sink: Operator = {
    name: 'see',
    process: batch => {
      const rowAt = rowsOf(batch)
      for (let nth = 0; nth < batch.count; nth++) {
        const index = batch.at(nth)
        const { offsets, watermarks } = batch.records
        seen.push([rowAt(index)['n'], offsets[index], watermarks[index]])
      }
    },
  }
  const parts = { source, read: 'all', timestamp: null, disorderMs: 0, onError: fail() } as const
  const context = { partition } as OperatorContext
  const intake = new LocalIntake({ kind: 'local', ...parts }, context)
  const graph = new OperatorGraph([{ operator: sink, targets: [], lateTargets: [] }], [0])
  return { intake, graph, calls, seen }
}

test('is opened at the first pull; records are numbered through, time goes with them', async () => {
  const { intake, graph, calls, seen } = setUp([[10, 30], [], [20]], 1)
  expect(calls).toEqual([])
  expect(await intake.pull(100, graph)).toBe(2)
  expect([intake.clock.watermark, intake.clock.isFinal]).toEqual([30, false])
  expect(await intake.pull(50, graph)).toBe(0)
  expect(await intake.pull(50, graph)).toBe(1)
  expect(calls).toEqual(['open 1 null', 'read 100', 'read 50', 'read 50'])
  expect(seen).toEqual([
    [10, 0, Number.NEGATIVE_INFINITY],
    [30, 1, 10],
    [20, 2, 30],
  ])
})

test('its end is the end of the run for it', async () => {
  const { intake, graph } = setUp([[10]])
  await intake.pull(100, graph)
  expect([intake.clock.isFinal, intake.clock.watermark]).toEqual([true, 10])
})

test('closes its reader, and nothing that was never opened', async () => {
  const { intake, graph, calls } = setUp([[10]])
  await intake.close()
  expect(calls).toEqual([])
  await intake.pull(100, graph)
  await intake.close()
  expect(calls.at(-1)).toBe('close')
})
