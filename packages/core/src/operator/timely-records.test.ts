import { expect, test } from 'vitest'
import { KeyTable } from '../state/key-table.ts'
import { chosen, TimelyRecords } from './timely-records.ts'

function filled() {
  const keys = new KeyTable()
  const data = Buffer.from('abcd')
  const ranges = { data, start: Int32Array.of(3, 2, 1, 0, 3), size: Int32Array.of(1, 1, 1, 1, 1) }
  const records = new TimelyRecords()
  records.begin(5)
  records.add(0, 10, 5, -1)
  records.add(2, 10, 3, 4)
  records.add(3, 20, 12, 3)
  records.add(4, 10, 6, 2)
  records.end(keys, ranges)
  return { records, keys }
}

test('neighbours with the same last window are a run, which knows its greatest times', () => {
  const { records } = filled()
  expect(records.runs).toEqual([
    { from: 0, to: 2, lastEnd: 10, greatestTime: 5, greatestWatermark: 4 },
    { from: 2, to: 3, lastEnd: 20, greatestTime: 12, greatestWatermark: 3 },
    { from: 3, to: 4, lastEnd: 10, greatestTime: 6, greatestWatermark: 2 },
  ])
})

test('records of a run come with their keys, all or some', () => {
  const { records, keys } = filled()
  const parts = records.runs.map(run => records.of(run))
  expect(parts.map(({ indices }) => [...indices])).toEqual([[0, 2], [3], [4]])
  const texts = parts.map(part => Array.from(part.keys, id => keys.textOf(id)))
  expect(texts).toEqual([['d', 'b'], ['a'], ['d']])
  const some = chosen(parts[0] as (typeof parts)[0], index => index === 2)
  expect([[...some.indices], Array.from(some.keys, id => keys.textOf(id))]).toEqual([[2], ['b']])
})

test('begins anew', () => {
  const { records } = filled()
  records.begin(1)
  expect(records.runs).toEqual([])
})
