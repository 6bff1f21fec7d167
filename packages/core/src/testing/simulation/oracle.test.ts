import { expect, test } from 'vitest'
import { type Found, findings } from './oracle.ts'
import { keyed } from './programs/keyed.ts'
import type { Sale } from './programs/sale.ts'

const sale = (id: number, timestamp: number): Sale => ({
  id,
  user: 'ann',
  amount: 5,
  partition: 0,
  timestamp,
})
/** The third is late: its window ended at 10,000, half a second of grace before 28,500. */
const SALES = [sale(0, 1_000), sale(1, 30_000), sale(2, 2_000)]
const RIGHT = { 'ann@0': ['1/5'], 'ann@30000': ['1/5'] }
const LATE = { ids: [2], isOnce: true, isDecided: false }

function place(results: Readonly<Record<string, readonly string[]>>, isOnce = true): Found {
  return { where: 'topic', results: new Map(Object.entries(results)), isOnce }
}

test('what is right has no findings', () => {
  expect(findings(keyed, SALES, [place(RIGHT)], LATE)).toEqual([])
  const repeated = place({ ...RIGHT, 'ann@0': ['1/5', '1/5'] }, false)
  expect(findings(keyed, SALES, [repeated], { ...LATE, ids: [2, 2], isOnce: false })).toEqual([])
})

test.each([
  ['missing in the topic: ann@0 of 1/5', { 'ann@30000': ['1/5'] }],
  ['wrong in the topic: ann@0 is 2/10, not 1/5', { ...RIGHT, 'ann@0': ['2/10'] }],
  ['wrong in the topic: bob@0 is 1/5, not undefined', { ...RIGHT, 'bob@0': ['1/5'] }],
  ['repeated in the topic: ann@0, 2 times', { ...RIGHT, 'ann@0': ['1/5', '1/5'] }],
])('%s', (finding, results) => {
  expect(findings(keyed, SALES, [place(results)], LATE)).toEqual([finding])
})

test('late records are those of the input, and more only where the clock decides', () => {
  const found = (ids: number[], isDecided: boolean, results = RIGHT) =>
    findings(keyed, SALES, [place(results)], { ids, isOnce: true, isDecided })
  expect(found([], false)).toEqual(['missing: late 2'])
  expect(found([1, 2], false)).toEqual(['wrong: 1 is late'])
  expect(found([2, 2], false)).toEqual(['repeated: late 2,2'])
  expect(found([1, 2], true)).toEqual(['wrong in the topic: ann@30000 is 1/5, not undefined'])
})

test('of results that are told again and again the last counts', () => {
  const updates = { ...keyed, isFinal: false }
  const told = (values: string[]) =>
    findings(updates, SALES, [place({ ...RIGHT, 'ann@0': values })], LATE)
  expect(told(['0/0', '1/5'])).toEqual([])
  const overtaken = { ...place({ ...RIGHT, 'ann@0': ['1/5', '0/0'] }), mayBeOvertaken: true }
  expect(findings(updates, SALES, [overtaken], LATE)).toEqual([])
  expect(told(['1/5', '0/0'])).toEqual(['wrong in the topic: ann@0 is 0/0, not 1/5'])
})
