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

test('sorted by key, runs have the records that they had, those of a key in their order', () => {
  const count = 5_000
  const data = Buffer.alloc(4 * count)
  const keyAt = (i: number) =>
    Math.imul(Math.imul(i + 1, 0x9e3779b1) ^ (i >>> 2), 0x85ebca6b) >>> 20
  for (let i = 0; i < count; i++) data.writeUInt32LE(keyAt(i), 4 * i)
  const start = Int32Array.from({ length: count }, (_, i) => 4 * i)
  const ranges = { data, start, size: new Int32Array(count).fill(4) }
  const records = new TimelyRecords()
  records.begin(count)
  // The last run is too short for it.
  const sizes = [3_000, 1_950, 50]
  for (let i = 0; i < count; i++) records.add(i, i < 3_000 ? 1 : i < 4_950 ? 2 : 3, i, 0)
  records.end(new KeyTable(), ranges)
  const before = records.runs.map(run => [...records.of(run).keys])
  records.sortByKey()
  const parts = records.runs.map(run => records.of(run))
  expect(parts.map(({ keys }) => keys.length)).toEqual(sizes)
  for (const [nth, { indices, keys }] of parts.entries()) {
    const from = nth === 0 ? 0 : nth === 1 ? 3_000 : 4_950
    const last = new Map<number, number>()
    for (const [i, index] of indices.entries()) {
      const key = keys[i] as number
      expect(before[nth]?.[index - from]).toBe(key)
      expect(index).toBeGreaterThan(last.get(key) ?? -1)
      last.set(key, index)
    }
    expect([...indices].sort((a, b) => a - b)).toEqual(before[nth]?.map((_, i) => from + i))
  }
  const isRising = (numbers: Int32Array) =>
    numbers.every((n, i) => i === 0 || n >= (numbers[i - 1] as number))
  expect(parts.map(({ keys }) => isRising(keys.map(key => key >> 2)))).toEqual([true, true, false])
})
