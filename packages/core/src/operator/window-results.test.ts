import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Aggregator } from '../aggregate/aggregator.ts'
import { COUNT } from '../aggregate/count.ts'
import { SUM } from '../aggregate/sum.ts'
import { rowsOf } from '../batch/row.ts'
import { groupKeyCodec } from '../record/format/group-key.ts'
import { type DataType, t } from '../schema/data-type.ts'
import { Schema } from '../schema/schema.ts'
import { ByteWriter } from '../util/byte-writer.ts'
import { tumbling } from '../window/window.ts'
import type { Accumulator } from './accumulator.ts'
import { windowResults } from './window-results.ts'

const AGGREGATORS: readonly Aggregator[] = [COUNT.create(null), SUM.create(t.int32())]

function optionsOf(types: readonly DataType[], aggregators: readonly Aggregator[]) {
  const columns = types.map((type, i) => ({ name: `g${i}`, type }))
  const codec = groupKeyCodec(types as never)
  return {
    name: 'totals',
    schema: new Schema([
      ...columns,
      { name: 'window_start', type: t.timestamp() },
      { name: 'window_end', type: t.timestamp() },
      { name: 'n', type: t.int64({ as: 'number' }) },
      { name: 'total', type: t.int64({ as: 'number' }).nullable() },
    ]),
    group:
      types.length === 0
        ? null
        : {
            codec,
            columns: types.map(() => () => () => null),
            names: columns.map(({ name }) => name),
          },
    aggregates: aggregators.map(aggregator => ({ aggregator, input: null, column: null })),
    window: tumbling('10s'),
  }
}

function keyOf(types: readonly DataType[], cells: readonly unknown[]): string {
  const out = new ByteWriter()
  groupKeyCodec(types as never).encode(cells as never, out)
  return out.view().toString('latin1')
}

function accumulatorOf(values: readonly number[], timestamp: number): Accumulator {
  const states = AGGREGATORS.map(aggregator =>
    values.reduce((state, value) => aggregator.add(state, value), aggregator.init()),
  )
  return { states, timestamp, isTold: false }
}

function read(options: ReturnType<typeof optionsOf>, entries: [string, Accumulator][]) {
  const failures: string[] = []
  const batch = windowResults(options, 3, 20_000, entries, (error, record) =>
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
  aggregators.map(each => ({ ...each, results: state => [each.result(state)] }))

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
        const entries = all.map(([key, values, time]): [string, Accumulator] => [
          keyOf(types, key),
          accumulatorOf(values, time),
        ])
        const fast = read(optionsOf(types, AGGREGATORS), entries)
        expect(fast).toEqual(read(optionsOf(types, clearly(AGGREGATORS)), entries))
        expect(fast.rows.map(({ row }) => row['g0'])).toEqual(all.map(([key]) => key[0]))
      }),
    )
  },
)

test('a group whose result fails is told and left out, the others come', () => {
  const [counter, sum] = AGGREGATORS as [Aggregator, Aggregator]
  const failing: Aggregator = {
    ...sum,
    result(state) {
      const total = sum.result(state)
      if (total === 13) throw new Error('thirteen')
      return total
    },
  }
  const types = [t.string()]
  const entries = [7, 13, 21].map((value): [string, Accumulator] => [
    keyOf(types, [`u${value}`]),
    accumulatorOf([value], value),
  ])
  const { rows, failures } = read(optionsOf(types, [counter, failing]), entries)
  expect(rows.map(({ row }) => row['total'])).toEqual([7, 21])
  expect(failures).toHaveLength(1)
  expect(failures[0]).toMatch(/thirteen.*"u13"/)
})

test('without groups there are the window and the aggregates', () => {
  const entries: [string, Accumulator][] = [['\xff\x00', accumulatorOf([1, 2], 5)]]
  expect(read(optionsOf([], AGGREGATORS), entries).rows).toEqual([
    {
      row: { window_start: 10_000, window_end: 20_000, n: 2, total: 3 },
      key: 'ff00',
      timestamp: 5,
    },
  ])
})
