import { describe, expect, test } from 'vitest'
import type { Batch } from '../batch/batch.ts'
import { rowsOf } from '../batch/row.ts'
import type { Operator, OperatorContext } from '../operator/operator.ts'
import { OperatorGraph } from '../operator/operator-graph.ts'
import { type ErrorPolicy, fail, skip } from '../record/error-policy.ts'
import { t } from '../schema/data-type.ts'
import { schema } from '../schema/schema.ts'
import { fromArray } from '../source/array-source.ts'
import type { Source, SourceChunk } from '../source/source.ts'
import { ManualClock } from '../testing/manual-clock.ts'
import { LocalIntake } from './local-intake.ts'

const Row = schema({ n: t.int32() })
const INPUT = {
  kind: 'local',
  resume: null,
  read: 'all',
  timestamp: null,
  disorderMs: 0,
  onError: fail(),
} as const

const BEGINNING = { count: 0, position: null }

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
  const context = { partition } as OperatorContext
  const intake = new LocalIntake(
    { ...INPUT, source },
    context,
    { clock: new ManualClock() },
    BEGINNING,
  )
  const graph = new OperatorGraph([{ operator: sink, targets: [], lateTargets: [] }], [0])
  return { intake, graph, calls, seen, source }
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

test('records that a source leaves out count in the numbers of those that follow', async () => {
  const wanted = [[{ column: 'n', is: 'gt', value: 1 }]] as const
  const asked: unknown[] = []
  const chunks = [
    { records: [{ value: { n: 2 } }], leftOut: 5, position: '1', isEnd: false },
    { records: [], leftOut: 2, position: '2', isEnd: false },
    { records: [{ value: { n: 3 } }], position: '3', isEnd: true },
  ]
  const { source, ...parts } = setUp([])
  const leaving: Source = {
    ...source,
    open: async (_, __, context) => {
      asked.push(context?.wanted)
      return { read: async () => chunks.shift() as SourceChunk, close: async () => {} }
    },
  }
  const input = { ...INPUT, source: leaving, wanted }
  const context = { partition: 0 } as OperatorContext
  const intake = new LocalIntake(input, context, { clock: new ManualClock() }, BEGINNING)
  for (let i = 0; i < 3; i++) await intake.pull(10, parts.graph)
  expect(parts.seen.map(each => (each as number[]).slice(0, 2))).toEqual([
    [2, 5],
    [3, 8],
  ])
  expect(asked).toEqual([wanted])
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

describe('a bad row', () => {
  function withBadRows(onError: ErrorPolicy, recordsMax = 10) {
    const rows = [1, 'x', 2, 'y', 'z', 3].map(n => ({ n }))
    const seen: unknown[] = []
    const failed: string[] = []
    const source = fromArray(rows as object[], { schema: Row })
    const context = {
      partition: 0,
      recordFailed: (error, { kind }, record) => {
        if (kind === 'fail') throw error
        failed.push(`${error.message.match(/row \d/)?.[0]}: ${record().value}`)
      },
    } as Partial<OperatorContext> as OperatorContext
    const world = { clock: new ManualClock() }
    const intake = new LocalIntake({ ...INPUT, source, onError }, context, world, BEGINNING)
    const process = (batch: Batch) => {
      const rowAt = rowsOf(batch)
      for (let nth = 0; nth < batch.count; nth++) seen.push(rowAt(batch.at(nth))['n'])
    }
    const operator = { name: 'see', process }
    const graph = new OperatorGraph([{ operator, targets: [], lateTargets: [] }], [0])
    const pullAll = async () => {
      for (let i = 0; i < 20 && !intake.clock.isFinal; i++) await intake.pull(recordsMax, graph)
    }
    return { pullAll, seen, failed }
  }

  test('is passed by a policy that skips, however little is read at once', async () => {
    for (const recordsMax of [1, 2, 10]) {
      const { pullAll, seen, failed } = withBadRows(skip(), recordsMax)
      await pullAll()
      expect(seen).toEqual([1, 2, 3])
      expect(failed).toEqual(['row 1: {"n":"x"}', 'row 3: {"n":"y"}', 'row 4: {"n":"z"}'])
    }
  })

  test('ends the run by a policy that fails', async () => {
    const { pullAll, seen } = withBadRows(fail())
    await expect(pullAll()).rejects.toThrow('DECODE_FAILED: row 1 of the array')
    expect(seen).toEqual([1])
  })
})

test('a source that says when it goes on is left alone until then', async () => {
  const clock = new ManualClock(100)
  const reads: number[] = []
  const source: Source = {
    name: 'slow',
    schema: Row,
    isBounded: true,
    partitionCount: 1,
    open: async (_partition, _position, context) => ({
      read: async () => {
        reads.push(context?.clock.now() ?? -1)
        return { records: [], position: '0', isEnd: false, resumeAt: clock.now() + 50 }
      },
      close: async () => {},
    }),
  }
  const intake = new LocalIntake({ ...INPUT, source }, {} as OperatorContext, { clock }, BEGINNING)
  const graph = new OperatorGraph([], [])
  await intake.pull(10, graph)
  expect(intake.resumeAt).toBe(150)
  await clock.advance(49)
  await intake.pull(10, graph)
  await clock.advance(1)
  await intake.pull(10, graph)
  expect(reads).toEqual([100, 150])
})
