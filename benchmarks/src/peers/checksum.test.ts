import { expect, test } from 'vitest'
import { checksumOf, normalised, type OutputRow } from './checksum.ts'

const ROW: OutputRow = {
  user_id: 'a',
  window_start: 0,
  window_end: 10_000,
  n: 3,
  total: 0.6,
  average: 0.2,
}

test('the order of rows does not matter', () => {
  const rows = Array.from({ length: 50 }, (_, i) => ({ user_id: `u${i % 7}`, doubled: i / 4 }))
  const right = checksumOf(rows, false)
  expect(checksumOf([...rows].reverse(), false)).toEqual(right)
  for (let by = 1; by < rows.length; by++) {
    expect(checksumOf([...rows.slice(by), ...rows.slice(0, by)], false)).toEqual(right)
  }
})

test('a row that is missing, twice there or changed does matter', () => {
  const other = { ...ROW, user_id: 'b' }
  const right = checksumOf([ROW, other], false)
  expect(right.rows).toBe(2)
  for (const wrong of [[ROW], [ROW, ROW], [ROW, other, other], [ROW, { ...other, n: 4 }]]) {
    expect(checksumOf(wrong, false).sum).not.toBe(right.sum)
  }
})

test('the order in which a sum was made does not matter, a cent does', () => {
  expect(normalised({ ...ROW, total: 0.1 + 0.2 + 0.3, average: (0.1 + 0.2 + 0.3) / 3 })).toBe(
    normalised({ ...ROW, total: 0.3 + 0.2 + 0.1, average: (0.3 + 0.2 + 0.1) / 3 }),
  )
  expect(normalised({ ...ROW, total: 0.61 })).not.toBe(normalised(ROW))
  expect(normalised({ ...ROW, average: 0.21 })).not.toBe(normalised(ROW))
})

test('of updates the last one of a group and window counts', () => {
  const first = { ...ROW, n: 1, total: 0.1, average: 0.1 }
  expect(checksumOf([first, ROW], true)).toEqual(checksumOf([ROW], false))
  expect(checksumOf([first, ROW], false).rows).toBe(2)
})
