import { expect, test } from 'vitest'
import { behindEpoch, stagedName, stagedStem, visibleName, visibleStem } from './file-names.ts'

const CSV = { prefix: 'out/day-', extension: 'csv', token: 'abc' }

test('names say task, epoch and number', () => {
  expect(visibleName(CSV, '0/3', 12, 0)).toBe('out/day-task-0-3-epoch-0000000012-0.csv')
  expect(stagedName(CSV, '0/3', 7)).toBe('out/.day-task-0-3.abc.7.staged')
  expect(visibleName({ prefix: '', extension: 'jsonl' }, '1/0', 0, 1)).toBe(
    'task-1-0-epoch-0000000000-1.jsonl',
  )
  expect(stagedName({ prefix: '', token: 'abc' }, '1/0', 0)).toBe('.task-1-0.abc.0.staged')
})

test('stems tell tasks apart', () => {
  expect(visibleName(CSV, '0/33', 1, 0).startsWith(visibleStem('out/day-', '0/3'))).toBe(false)
  expect(stagedName(CSV, '0/33', 1).startsWith(stagedStem('out/day-', '0/3'))).toBe(false)
})

test('later epochs sort behind', () => {
  const border = behindEpoch('out/day-', '0/3', 12)
  expect(visibleName(CSV, '0/3', 12, 999) < border).toBe(true)
  expect(visibleName(CSV, '0/3', 13, 0) > border).toBe(true)
  expect(visibleName(CSV, '0/3', 0, 0) > behindEpoch('out/day-', '0/3', -1)).toBe(true)
})
