import { expect, test } from 'vitest'
import { COUNT } from '../aggregate/count.ts'
import { MEAN } from '../aggregate/mean.ts'
import { SUM } from '../aggregate/sum.ts'
import { t } from '../schema/data-type.ts'
import { ByteReader } from '../util/byte-reader.ts'
import { ByteWriter } from '../util/byte-writer.ts'
import { Accumulators, type Slot } from './accumulators.ts'

const COUNT_AND_SUM = [COUNT.create(null), SUM.create(t.float64())].map(aggregator => ({
  aggregator,
}))
const SUM_AND_MEAN = [SUM.create(t.float64()), MEAN.create(t.float64())].map(aggregator => ({
  aggregator,
}))
const DOUBLE = t.float64().nullable()
const TWINS = SUM_AND_MEAN.map((slot, i) => (i === 0 ? slot : { ...slot, twin: 0 }))

function newCells(machines: readonly Slot[]): Accumulators {
  const cells = new Accumulators(machines)
  cells.resize(4)
  for (let slot = 0; slot < 4; slot++) cells.init(slot)
  return cells
}

/** @param values one for each aggregate */
function add(cells: Accumulators, slot: number, values: readonly (number | true)[]): void {
  for (const [i, states] of cells.aggregates.entries()) {
    const value = values[i] as number
    states.put(slot, value, states.next(slot, value))
  }
}

function stored(cells: Accumulators, slot: number): Buffer {
  const out = new ByteWriter()
  cells.write(slot, out)
  return out.copy()
}

const resultsOf = ({ aggregates }: Accumulators, slot: number) =>
  aggregates.map(states => states.result(slot))

function one(): Accumulators {
  const cells = newCells(COUNT_AND_SUM)
  add(cells, 1, [true, 0.1])
  cells.touch(1, 42)
  return cells
}

test('goes on from its stored form', () => {
  const cells = newCells(COUNT_AND_SUM)
  const bytes = new ByteReader(stored(one(), 1), 'state')
  cells.read(2, bytes)
  expect([bytes.left, cells.timestampOf(2), resultsOf(cells, 2)]).toEqual([0, 42, [1, 0.1]])
})

test('says whether it was told as it is, which a touch ends', () => {
  const cells = one()
  expect(cells.isTold(1)).toBe(false)
  cells.told(1)
  const back = newCells(COUNT_AND_SUM)
  back.read(0, new ByteReader(stored(cells, 1), 'state'))
  expect([back.isTold(0), back.timestampOf(0)]).toEqual([true, 42])
  back.touch(0, 7)
  expect([back.isTold(0), back.timestampOf(0)]).toEqual([false, 42])
})

test('a new one has the results of nothing, and no time, also where another one was', () => {
  const cells = one()
  cells.clear(1)
  cells.init(1)
  expect(resultsOf(cells, 1)).toEqual([0, null])
  expect(cells.timestampOf(1)).toBe(Number.NEGATIVE_INFINITY)
})

test('state of another plan or version is refused', () => {
  const other = newCells(COUNT_AND_SUM.slice(0, 1))
  expect(() => other.read(0, new ByteReader(stored(one(), 1), 'state'))).toThrow(
    /FORMAT_UNKNOWN: .*2 aggregates.*1 or 2 with 1.*another plan/,
  )
  const newer = stored(one(), 1)
  newer[0] = 9
  expect(() => one().read(0, new ByteReader(newer, 'state'))).toThrow('version 9')
  expect(() => one().read(0, new ByteReader(stored(one(), 1).subarray(0, 7), 'state'))).toThrow(
    'FORMAT_UNKNOWN',
  )
})

test('twins that come back with one state go on with it', () => {
  const cells = newCells(TWINS)
  add(cells, 0, [1, 1])
  add(cells, 0, [4, 4])
  const back = newCells(TWINS)
  back.read(3, new ByteReader(stored(cells, 0), 'state'))
  add(back, 3, [4, 4])
  expect(resultsOf(back, 3)).toEqual([9, 3])
})

test('twins that come back with two go on with two, however they are added to', () => {
  const apart = newCells(SUM_AND_MEAN)
  add(apart, 0, [1, 10])
  const cells = newCells(TWINS)
  cells.read(2, new ByteReader(stored(apart, 0), 'state'))
  expect(stored(cells, 2)).toEqual(stored(apart, 0))
  add(cells, 2, [3, 3])
  add(cells, 1, [5, 5])
  const pane = newCells(TWINS)
  add(pane, 0, [2, 2])
  cells.merge(2, pane, 0)
  expect([resultsOf(cells, 2), resultsOf(cells, 1)]).toEqual([
    [6, 5],
    [5, 5],
  ])
  const columns = cells.aggregates.map(states => states.column(Int32Array.of(2, 1), DOUBLE))
  expect(columns.map(column => [column.get(0), column.get(1)])).toEqual([
    [6, 5],
    [5, 5],
  ])
  cells.clear(2)
  cells.init(2)
  add(cells, 2, [8, 8])
  expect(resultsOf(cells, 2)).toEqual([8, 8])
})
