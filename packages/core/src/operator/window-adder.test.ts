import fc from 'fast-check'
import { expect, test } from 'vitest'
import { COUNT } from '../aggregate/count.ts'
import { MAX } from '../aggregate/max.ts'
import { MEAN } from '../aggregate/mean.ts'
import { SUM } from '../aggregate/sum.ts'
import type { Batch } from '../batch/batch.ts'
import { rowsOf } from '../batch/row.ts'
import { fail } from '../record/error-policy.ts'
import { groupKeyCodec } from '../record/format/group-key.ts'
import { t } from '../schema/data-type.ts'
import { Schema, schema } from '../schema/schema.ts'
import { StateMemory } from '../state/state-memory.ts'
import { examBatch } from '../testing/exam-batch.ts'
import { hopping, type TimeWindow, tumbling } from '../window/window.ts'
import { cellReaderOf } from './cell-reader.ts'
import type { OperatorContext } from './operator.ts'
import { WindowAggregateOperator } from './window-aggregate.ts'

const In = schema({ k: t.string(), n: t.float64().nullable() })
const Out = new Schema([
  { name: 'k', type: t.string() },
  { name: 'window_start', type: t.timestamp() },
  { name: 'window_end', type: t.timestamp() },
  { name: 'rows', type: t.int64({ as: 'number' }) },
  { name: 'total', type: t.float64().nullable() },
  { name: 'greatest', type: t.float64().nullable() },
  { name: 'average', type: t.float64().nullable() },
])

interface Input {
  readonly k: string
  readonly n: number | null
  readonly at: number
  /** How far the watermark moves before it. */
  readonly by: number
  readonly isTombstone: boolean
}

/**
 * @param isFast false: the operator can't see that its inputs are plain columns.
 * @param twin an aggregate whose state serves the last one, too
 */
function results(
  window: TimeWindow,
  records: readonly Input[],
  size: number,
  isFast: boolean,
  twin?: number,
) {
  const column = isFast ? 'n' : null
  const input = (batch: Batch) => cellReaderOf(batch, 'n')
  const operator = new WindowAggregateOperator({
    name: 'agg#1',
    identity: 'totals',
    storeId: 1,
    memory: new StateMemory(1e9),
    window,
    schema: Out,
    group: {
      codec: groupKeyCodec([t.string()]),
      columns: [batch => cellReaderOf(batch, 'k')],
      names: ['k'],
    },
    aggregates: [
      { aggregator: COUNT.create(null), input: null, column: null },
      { aggregator: SUM.create(t.float64().nullable()), input, column },
      { aggregator: MAX.create(t.float64().nullable()), input, column },
      { aggregator: MEAN.create(t.float64().nullable()), input, column, twin },
    ],
    onError: fail(),
    batchRecordsMax: 100,
    updates: null,
  })
  const counts: Record<string, number> = {}
  const count = (metric: string, by: number): void => {
    counts[metric] = (counts[metric] ?? 0) + by
  }
  operator.open({ partition: 0, count } as unknown as OperatorContext)
  const given: unknown[] = []
  const late: unknown[] = []
  const rowsIn = (batch: Batch) => {
    const rowAt = rowsOf(batch)
    return Array.from({ length: batch.count }, (_, nth) => rowAt(batch.at(nth)))
  }
  const output = {
    emit: (batch: Batch) => given.push(...rowsIn(batch), ...batch.records.timestamps),
    late: (batch: Batch) => late.push(...rowsIn(batch)),
    update: () => {},
    settled: async () => {},
  }
  let watermark = 0
  for (let from = 0; from < records.length; from += size) {
    const part = records.slice(from, from + size)
    const batch = examBatch(
      In,
      part.map(({ k, n, isTombstone }) => (isTombstone ? null : { k, n })),
    )
    const watermarks = Float64Array.from(part, ({ by }) => (watermark += by))
    const timestamps = Float64Array.from(part, ({ at }) => at)
    operator.process(batch.with({ records: { ...batch.records, timestamps, watermarks } }), output)
  }
  expect(operator.advance(1e6, output)).toBeTypeOf('number')
  return { given, late, counts }
}

/** By its words: which windows hold a record, and are not over. */
function expected(window: TimeWindow, records: readonly Input[]) {
  const totals = new Map<string, { rows: number; total: number | null }>()
  const late: unknown[] = []
  let watermark = 0
  for (const { k, n, at, by, isTombstone } of records) {
    watermark += by
    if (isTombstone) continue
    let taken = 0
    for (let start = -100 * window.stepMs; start <= at; start += window.stepMs) {
      const end = start + window.sizeMs
      if (end <= at || end + window.graceMs <= watermark) continue
      taken++
      const total = totals.get(`${start} ${k}`) ?? { rows: 0, total: null }
      totals.set(`${start} ${k}`, {
        rows: total.rows + 1,
        total: n === null ? total.total : (total.total ?? 0) + n,
      })
    }
    if (taken === 0) late.push({ k, n })
  }
  return { totals, late }
}

const input = fc.record({
  k: fc.constantFrom('a', 'b', 'ü', ''),
  n: fc.option(fc.integer({ min: -9, max: 9 })),
  at: fc.integer({ min: 0, max: 60 }),
  by: fc.constantFrom(0, 0, 0, 5),
  isTombstone: fc.constantFrom(false, false, false, true),
})
const window = fc.constantFrom(
  tumbling(10),
  tumbling(10, { grace: 5 }),
  hopping(10, { step: 2 }),
  hopping(10, { step: 3, grace: 4 }),
  hopping(10, { step: 10 }),
)

test('a batch at a time gives what record by record gives', () => {
  fc.assert(
    fc.property(window, fc.array(input), fc.integer({ min: 1, max: 9 }), (each, records, size) => {
      expect(results(each, records, size, true)).toEqual(results(each, records, 1, false))
    }),
  )
})

test('one state for two aggregates gives what two states give, fast and record by record', () => {
  fc.assert(
    fc.property(window, fc.array(input), fc.integer({ min: 1, max: 9 }), (each, records, size) => {
      const apart = results(each, records, 1, false)
      expect(results(each, records, size, true, 1)).toEqual(apart)
      expect(results(each, records, size, false, 1)).toEqual(apart)
    }),
  )
})

test('a record is in every window that holds it and is not over, and late when there is none', () => {
  fc.assert(
    fc.property(window, fc.array(input), (each, records) => {
      const { given, late } = results(each, records, 4, true)
      const { totals, late: lateExpected } = expected(each, records)
      const rows = given.filter(row => typeof row === 'object') as Record<string, unknown>[]
      const found = rows.map(row => [
        `${row['window_start']} ${row['k']}`,
        { rows: row['rows'], total: row['total'] },
      ])
      expect(new Map(found as never)).toEqual(totals)
      expect(found).toHaveLength(totals.size)
      expect(late).toEqual(lateExpected)
    }),
  )
})

test('records of many keys, which are sorted by them, give the same', () => {
  const records = Array.from({ length: 9_000 }, (_, i): Input => {
    const key = Math.imul(i, 0x9e3779b1) >>> 0
    return {
      ...{ k: `${key % 7_919}`, n: i % 5 === 0 ? null : (key % 1_000) / 7, at: i / 3_000 },
      ...{ by: 0, isTombstone: i % 50 === 0 },
    }
  })
  const window = hopping(10, { step: 1 })
  expect(results(window, records, 3_000, true)).toEqual(results(window, records, 1, false))
})
