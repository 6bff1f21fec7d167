import { expect, test } from 'vitest'
import {
  partsOfStaged,
  stagedBorder,
  stagedName,
  stagedStem,
  visibleName,
  visibleStem,
} from './file-names.ts'

const CSV = { prefix: 'out/day-', extension: 'csv', token: 'abc', since: 5 }

test('names say task, epoch and number', () => {
  expect(visibleName(CSV, '0/3', { epoch: 12, nth: 0 })).toBe(
    'out/day-task-0-3-epoch-0000000012-0.csv',
  )
  expect(stagedName(CSV, '0/3', 7)).toBe('out/.day-task-0-3.0000000005.abc.7.staged')
  expect(visibleName({ prefix: '', extension: 'jsonl' }, '1/0', { epoch: 0, nth: 1 })).toBe(
    'task-1-0-epoch-0000000000-1.jsonl',
  )
  expect(stagedName({ prefix: '', token: 'abc', since: 0 }, '1/0', 0)).toBe(
    '.task-1-0.0000000000.abc.0.staged',
  )
})

test('a folder stands before the name', () => {
  expect(visibleName(CSV, '0/3', { epoch: 12, nth: 0, folder: 'to=OSL/' })).toBe(
    'out/to=OSL/day-task-0-3-epoch-0000000012-0.csv',
  )
})

test('stems tell tasks apart', () => {
  expect(
    visibleName(CSV, '0/33', { epoch: 1, nth: 0 }).startsWith(visibleStem('out/day-', '0/3')),
  ).toBe(false)
  expect(stagedName(CSV, '0/33', 1).startsWith(stagedStem('out/day-', '0/3'))).toBe(false)
})

test('what is staged for later epochs sorts behind', () => {
  const border = stagedBorder('out/day-', '0/3', 12)
  const since = (epoch: number) => stagedName({ ...CSV, since: epoch }, '0/3', 999)
  expect(since(9) < border).toBe(true)
  expect(since(12) < border).toBe(true)
  expect(since(13) < border).toBe(false)
  expect(since(0) < stagedBorder('out/day-', '0/3', -1)).toBe(false)
})

test('a staged name says when it was begun and by whom', () => {
  const name = stagedName(CSV, '0/3', 7)
  expect(partsOfStaged(name, stagedStem('out/day-', '0/3'))).toEqual({ since: 5, token: 'abc' })
})
