import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { COUNT } from '../aggregate/count.ts'
import { SUM } from '../aggregate/sum.ts'
import type { Batch } from '../batch/batch.ts'
import type { CellValue } from '../batch/column.ts'
import { type Row, rowsOf } from '../batch/row.ts'
import type { MillraceError } from '../errors.ts'
import { type ErrorPolicy, fail, skip } from '../record/error-policy.ts'
import { groupKeyCodec } from '../record/format/group-key.ts'
import { t } from '../schema/data-type.ts'
import { Schema, schema } from '../schema/schema.ts'
import { StateMemory } from '../state/state-memory.ts'
import { testOperator } from '../testing/conformance/operator.ts'
import { examBatch } from '../testing/exam-batch.ts'
import { tumbling } from '../window/window.ts'
import { cellReaderOf } from './cell-reader.ts'
import type { OperatorContext } from './operator.ts'
import { WindowAggregateOperator, type WindowAggregateOptions } from './window-aggregate.ts'

const In = schema({ k: t.string().nullable(), n: t.json().nullable() })
const Out = new Schema([
  { name: 'k', type: t.string().nullable() },
  { name: 'window_start', type: t.timestamp() },
  { name: 'window_end', type: t.timestamp() },
  { name: 'rows', type: t.int64({ as: 'number' }) },
  { name: 'total', type: t.float64().nullable() },
])

function options(parts: Partial<WindowAggregateOptions> = {}): WindowAggregateOptions {
  return {
    name: 'agg#2',
    identity: 'totals',
    storeId: 1,
    memory: new StateMemory(1e9),
    window: tumbling(2_000, { grace: 1_000 }),
    schema: Out,
    group: {
      codec: groupKeyCodec([t.string().nullable()]),
      columns: [batch => cellReaderOf(batch, 'k')],
      names: ['k'],
    },
    aggregates: [
      { aggregator: COUNT.create(null), input: null, column: null },
      {
        aggregator: SUM.create(t.json().nullable()),
        input: batch => cellReaderOf(batch, 'n'),
        column: 'n',
      },
    ],
    onError: fail(),
    batchRecordsMax: 2,
    updates: null,
    ...parts,
  }
}

const rows = Array.from({ length: 40 }, (_, n) =>
  n % 6 === 2 ? null : { k: n % 5 === 0 ? null : `g${n % 3}`, n: n === 9 ? 'nine' : n / 8 },
)

testOperator(
  { describe, test, expect },
  {
    create: onError => new WindowAggregateOperator(options({ onError })),
    input: examBatch(In, rows),
    tombstones: 'ignored',
    failing: [9],
  },
)

interface Told {
  readonly results: Row[]
  readonly batches: Batch[]
  readonly late: Row[]
  readonly failures: MillraceError[]
  readonly counts: Record<string, number>
}

/** A machine with ways to feed it and to see what leaves it. */
function machine(parts: Partial<WindowAggregateOptions> = {}) {
  const operator = new WindowAggregateOperator(options(parts))
  const told: Told = { results: [], batches: [], late: [], failures: [], counts: {} }
  const rowsIn = (batch: Batch): Row[] => {
    const rowAt = rowsOf(batch)
    return Array.from({ length: batch.count }, (_, nth) => rowAt(batch.at(nth)))
  }
  const output = {
    emit: (batch: Batch) => {
      told.batches.push(batch)
      told.results.push(...rowsIn(batch))
    },
    late: (batch: Batch) => told.late.push(...rowsIn(batch)),
    update: () => {},
    settled: async () => {},
  }
  operator.open({
    partition: 4,
    recordFailed: (error: MillraceError, policy: ErrorPolicy) => {
      if (policy.kind === 'fail') throw error
      told.failures.push(error)
    },
    count: (metric: string, amount: number) => {
      told.counts[metric] = (told.counts[metric] ?? 0) + amount
    },
  } as Partial<OperatorContext> as OperatorContext)
  /** Records with their event time and the watermark of their source before them. */
  const feed = (
    records: readonly { k?: string | null; n?: CellValue; at: number; after?: number }[],
  ): void => {
    const batch = examBatch(
      In,
      records.map(({ k = 'a', n = 1 }) => ({ k, n })),
    )
    const timestamps = Float64Array.from(records, ({ at }) => at)
    const watermarks = Float64Array.from(records, ({ after = Number.NEGATIVE_INFINITY }) => after)
    operator.process(batch.with({ records: { ...batch.records, timestamps, watermarks } }), output)
  }
  /** Everything is in memory, so nothing has to be waited for. */
  const advance = (to: number): number => operator.advance(to, output) as number
  return { operator, ...told, told, feed, advance }
}

describe('a window', () => {
  test('closes at end + grace, not before', () => {
    const { feed, advance, results } = machine()
    feed([{ at: 0 }, { at: 1_999 }, { at: 2_000 }])
    advance(2_999)
    expect(results).toEqual([])
    advance(3_000)
    expect(results).toEqual([{ k: 'a', window_start: 0, window_end: 2_000, rows: 2, total: 2 }])
    advance(3_000)
    expect(results).toHaveLength(1)
  })

  test('gives results by end, then by group key, in batches of the size allowed', () => {
    const { feed, advance, results, batches, counts } = machine()
    feed([
      { k: 'b', at: 2_000 },
      { k: 'c', at: 100 },
      { k: null, at: 100 },
      { k: 'a', at: 100 },
      { k: 'B', at: 100 },
    ])
    advance(Number.POSITIVE_INFINITY)
    const order = results.map(({ k, window_end }) => `${k} ${window_end}`)
    expect(order).toEqual(['B 2000', 'a 2000', 'c 2000', 'null 2000', 'b 4000'])
    expect(batches.map(({ count }) => count)).toEqual([2, 2, 1])
    expect(counts).toEqual({ windows_closed: 5 })
  })

  test('has the key of its group, the greatest time in it, and is never late behind it', () => {
    const { feed, advance, batches } = machine()
    feed([
      { k: 'x', at: 1_500 },
      { k: 'x', at: 700 },
    ])
    advance(3_000)
    const [{ records }] = batches as [Batch]
    const codec = groupKeyCodec([t.string().nullable()])
    expect(codec.decode(Buffer.from(records.keys.get(0) as Uint8Array))).toEqual(['x'])
    expect([...records.timestamps]).toEqual([1_500])
    expect([...records.watermarks]).toEqual([Number.NEGATIVE_INFINITY])
    expect([...records.offsets]).toEqual([-1])
    expect([records.topic, records.partition]).toEqual(['agg#2', 4])
  })

  test('before 1970 begins at a multiple of its size, too', () => {
    const { feed, advance, results } = machine()
    feed([{ at: -1 }, { at: -2_000 }, { at: -2_001 }])
    advance(Number.POSITIVE_INFINITY)
    expect(results.map(({ window_start, rows }) => [window_start, rows])).toEqual([
      [-4_000, 1],
      [-2_000, 2],
    ])
  })
})

describe('a record is late', () => {
  test('by the watermark of its own source, from end + grace on', () => {
    const { feed, advance, results, late, counts } = machine()
    feed([
      { k: 'in time', at: 1_000, after: 2_999 },
      { k: 'late', at: 1_000, after: 3_000 },
    ])
    expect(late).toEqual([{ k: 'late', n: 1 }])
    expect(counts).toEqual({ records_late: 1 })
    advance(Number.POSITIVE_INFINITY)
    expect(results.map(({ k }) => k)).toEqual(['in time'])
  })

  test('for a window that a clock decision has closed', () => {
    const { feed, advance, results, late } = machine()
    feed([{ at: 1_000, after: 0 }])
    advance(3_000)
    feed([
      { at: 1_500, after: 1_000 },
      { at: 2_000, after: 1_000 },
    ])
    expect(late).toHaveLength(1)
    advance(Number.POSITIVE_INFINITY)
    expect(results.map(({ window_end }) => window_end)).toEqual([2_000, 4_000])
  })

  test('whatever its cells are: it is not evaluated', () => {
    const { feed, late, failures } = machine({ onError: skip() })
    feed([{ at: 1_000, after: 3_000, n: 'no number' }])
    expect([late, failures]).toEqual([[{ k: 'a', n: 'no number' }], []])
  })
})

describe('a record that fails', () => {
  test('is in none of the aggregates, and opens no window', () => {
    const { feed, operator, failures } = machine({ onError: skip() })
    feed([{ at: 0, n: 'no number' }])
    expect(operator.openWindows()).toBe(null)
    expect(failures).toMatchObject([{ code: 'TYPE_MISMATCH', place: { step: 'agg#2' } }])
  })

  test('without a key is refused where windows are grouped by the key', () => {
    const { advance, operator, results, failures } = machine({
      group: null,
      schema: new Schema(Out.fields.slice(1)),
      onError: skip(),
    })
    const keyed = examBatch(
      In,
      Array.from({ length: 7 }, () => ({ k: null, n: 1 })),
    )
    operator.process(keyed, { emit() {}, late() {}, update: () => {}, settled: async () => {} })
    expect(failures).toMatchObject([{ code: 'NULL_KEY', place: { offset: 107 } }])
    advance(Number.POSITIVE_INFINITY)
    expect(results.reduce((sum, { rows: n }) => sum + (n as number), 0)).toBe(6)
  })
})

describe('what it tells of itself', () => {
  test('is when its windows are due, and how far time has come behind it', () => {
    const { feed, advance, operator } = machine()
    expect(operator.openWindows()).toBe(null)
    feed([{ at: 5_000 }, { at: 0 }])
    expect(operator.openWindows()).toEqual({ firstDue: 3_000, lastDue: 7_000 })
    expect(advance(3_000)).toBe(0)
    expect(operator.openWindows()).toEqual({ firstDue: 7_000, lastDue: 7_000 })
    expect(advance(Number.POSITIVE_INFINITY)).toBe(Number.POSITIVE_INFINITY)
  })

  test('shows open windows as they would come out, without closing them', async () => {
    const { feed, operator, results } = machine()
    feed([
      { at: 2_000, k: 'b' },
      { at: 0, n: 0.5 },
    ])
    const { name, batches } = await operator.inspect()
    expect(name).toBe('totals')
    expect(batches.map(batch => rowsOf(batch)(0))).toMatchObject([
      { k: 'a', window_end: 2_000, total: 0.5 },
      { k: 'b', window_end: 4_000, total: 1 },
    ])
    expect(results).toEqual([])
  })

  test('seals what changed since the last time, and forgets closed windows', () => {
    const { feed, advance, operator } = machine()
    feed([{ at: 0 }, { at: 2_000 }])
    const seal = () => operator.stores.flatMap(store => store.seal().entries)
    expect(seal()).toHaveLength(2)
    expect(seal()).toEqual([])
    advance(3_000)
    expect(seal().map(({ value }) => value)).toEqual([null])
  })
})

test('counts as a plain loop over the records counts, and loses none', () => {
  const record = fc.record({
    k: fc.constantFrom('a', 'b', 'ü', null),
    at: fc.integer({ min: -5_000, max: 15_000 }),
    n: fc.option(fc.integer({ min: -100, max: 100 })),
  })
  fc.assert(
    fc.property(fc.array(record), fc.integer({ min: 1, max: 5 }), (records, size) => {
      const { feed, advance, results, late } = machine()
      const expected = new Map<string, { rows: number; total: number | null }>()
      let watermark = Number.NEGATIVE_INFINITY
      let lateCount = 0
      const stamped = records.map(({ k, at, n }) => {
        const after = watermark
        watermark = Math.max(watermark, at)
        const end = Math.floor(at / 2_000) * 2_000 + 2_000
        if (end + 1_000 <= after) lateCount++
        else {
          const name = `${k} ${end}`
          const { rows: before, total } = expected.get(name) ?? { rows: 0, total: null }
          expected.set(name, { rows: before + 1, total: n === null ? total : (total ?? 0) + n })
        }
        return { k, at, n, after }
      })
      for (let from = 0; from < stamped.length; from += size) {
        const piece = stamped.slice(from, from + size)
        feed(piece)
        advance(Math.max(...stamped.slice(0, from + size).map(({ at }) => at)))
      }
      advance(Number.POSITIVE_INFINITY)
      const got = results.map(row => [
        `${row['k']} ${row['window_end']}`,
        { rows: row['rows'], total: row['total'] },
      ])
      expect(Object.fromEntries(got)).toEqual(Object.fromEntries(expected))
      expect(got).toHaveLength(expected.size)
      expect(late).toHaveLength(lateCount)
    }),
  )
})
