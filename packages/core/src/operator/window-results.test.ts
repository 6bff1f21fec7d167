import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Aggregator } from '../aggregate/aggregator.ts'
import { COUNT } from '../aggregate/count.ts'
import { MEAN } from '../aggregate/mean.ts'
import { SUM } from '../aggregate/sum.ts'
import { rowsOf } from '../batch/row.ts'
import { groupKeyCodec } from '../record/format/group-key.ts'
import { type DataType, t } from '../schema/data-type.ts'
import { Schema } from '../schema/schema.ts'
import { KeyTable } from '../state/key-table.ts'
import { ByteWriter } from '../util/byte-writer.ts'
import { tumbling } from '../window/window.ts'
import { Accumulators } from './accumulators.ts'
import { windowResults } from './window-results.ts'

/** The last ones are over one column: they have one state. */
const AGGREGATORS: readonly Aggregator[] = [
  COUNT.create(null),
  SUM.create(t.int32()),
  SUM.create(t.float64()),
  MEAN.create(t.float64()),
]

function optionsOf(types: readonly DataType[], aggregateCount = AGGREGATORS.length) {
  const columns = types.map((type, i) => ({ name: `g${i}`, type }))
  const codec = groupKeyCodec(types as never)
  return {
    name: 'totals',
    schema: new Schema(
      [
        ...columns,
        { name: 'window_start', type: t.timestamp() },
        { name: 'window_end', type: t.timestamp() },
        { name: 'n', type: t.int64({ as: 'number' }) },
        { name: 'total', type: t.int64({ as: 'number' }).nullable() },
        { name: 'doubles', type: t.float64().nullable() },
        { name: 'average', type: t.float64().nullable() },
      ].slice(0, types.length + 2 + aggregateCount),
    ),
    group:
      types.length === 0
        ? null
        : {
            codec,
            columns: types.map(() => () => () => null),
            names: columns.map(({ name }) => name),
          },
    window: tumbling('10s'),
  }
}

function keyOf(types: readonly DataType[], cells: readonly unknown[]): string {
  const out = new ByteWriter()
  groupKeyCodec(types as never).encode(cells as never, out)
  return out.view().toString('latin1')
}

/** A key, the values of its records, and the greatest of their times. */
type Entry = readonly [key: string, values: readonly number[], timestamp: number]

function groupsOf(aggregators: readonly Aggregator[], entries: readonly Entry[]) {
  const cells = new Accumulators(
    aggregators.map((aggregator, i) => ({ aggregator, twin: i === 3 ? 2 : undefined })),
  )
  cells.resize(entries.length)
  const keys = new KeyTable()
  const slots = Int32Array.from(entries, (_, i) => i)
  const ids = Int32Array.from(entries, ([key]) => keys.atText(key))
  for (const [slot, [, values, timestamp]] of entries.entries()) {
    cells.init(slot)
    cells.touch(slot, timestamp)
    for (const value of values) {
      for (const states of cells.aggregates) states.put(slot, value, states.next(slot, value))
    }
  }
  return { slots, cells, ids, keys }
}

function read(
  options: ReturnType<typeof optionsOf>,
  entries: readonly Entry[],
  aggregators = AGGREGATORS,
) {
  const failures: string[] = []
  const groups = groupsOf(aggregators, entries)
  const batch = windowResults(options, 3, 20_000, groups, (error, record) =>
    failures.push(`${error.message} ${String(record().value)}`),
  )
  const rowAt = rowsOf(batch)
  const rows = Array.from({ length: batch.count }, (_, i) => ({
    row: rowAt(i),
    key: Buffer.from(batch.records.keys.get(i) as Uint8Array).toString('hex'),
    timestamp: batch.records.timestamps[i],
  }))
  return { rows, failures }
}

/** Aggregates that say they are of several columns take the clear way. */
const clearly = (aggregators: readonly Aggregator[]): Aggregator[] =>
  aggregators.map(({ inArrays: _, ...each }) => ({
    ...each,
    results: state => [each.result(state)],
  }))

const cellsOf: readonly (readonly [readonly DataType[], fc.Arbitrary<readonly unknown[]>])[] = [
  [[t.string()], fc.tuple(fc.string({ unit: 'grapheme' }))],
  [[t.string().nullable()], fc.tuple(fc.option(fc.string()))],
  [[t.int32(), t.string()], fc.tuple(fc.integer(), fc.string())],
]

test.each(cellsOf)(
  'a column at a time gives what going group by group does: %#',
  (types, cells) => {
    const groups = fc.array(fc.tuple(cells, fc.array(fc.integer(), { maxLength: 3 }), fc.nat()), {
      maxLength: 20,
    })
    fc.assert(
      fc.property(groups, all => {
        const entries = all.map(([key, values, time]): Entry => [keyOf(types, key), values, time])
        const fast = read(optionsOf(types), entries)
        expect(fast).toEqual(read(optionsOf(types), entries, clearly(AGGREGATORS)))
        expect(fast.rows.map(({ row }) => row['g0'])).toEqual(all.map(([key]) => key[0]))
      }),
    )
  },
)

test('a group whose result fails is told and left out, the others come', () => {
  const [counter, sum] = AGGREGATORS as [Aggregator, Aggregator]
  const { inArrays: _, ...clear } = sum
  const failing: Aggregator = {
    ...clear,
    result(state) {
      const total = sum.result(state)
      if (total === 13) throw new Error('thirteen')
      return total
    },
  }
  const types = [t.string()]
  const entries = [7, 13, 21].map((n): Entry => [keyOf(types, [`u${n}`]), [n], n])
  const { rows, failures } = read(optionsOf(types, 2), entries, [counter, failing])
  expect(rows.map(({ row }) => row['total'])).toEqual([7, 21])
  expect(failures).toHaveLength(1)
  expect(failures[0]).toMatch(/thirteen.*"u13"/)
})

test('so is one whose sum does not fit, with the words it has group by group', () => {
  const types = [t.string()]
  const great = Number.MAX_SAFE_INTEGER
  const entries = [[1], [great, great], [], [2]].map(
    (values, n): Entry => [keyOf(types, [`u${n}`]), values, n],
  )
  const options = optionsOf(types, 2)
  const aggregators = AGGREGATORS.slice(0, 2)
  const { rows, failures } = read(options, entries, aggregators)
  expect({ rows, failures }).toEqual(read(options, entries, clearly(aggregators)))
  expect(rows.map(({ row }) => row['total'])).toEqual([1, null, 2])
  expect(failures).toHaveLength(1)
  expect(failures[0]).toMatch(/OVERFLOW.*"u1"/)
})

test('without groups there are the window and the aggregates', () => {
  const entries: Entry[] = [['\xff\x00', [1, 2], 5]]
  expect(read(optionsOf([]), entries).rows).toEqual([
    {
      row: { window_start: 10_000, window_end: 20_000, n: 2, total: 3, doubles: 3, average: 1.5 },
      key: 'ff00',
      timestamp: 5,
    },
  ])
})
