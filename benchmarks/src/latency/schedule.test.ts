import { expect, test } from 'vitest'
import {
  dueCount,
  dueUs,
  numberOf,
  passes,
  RECORDS_PER_TICK,
  recordsIn,
  timestampOf,
  values,
} from './schedule.ts'

test('what is due is what the clock says, however late it is asked', () => {
  expect(dueCount(-1)).toBe(0)
  for (const sinceUs of [0, 1, 999, 1_000, 61_234]) {
    const count = dueCount(sinceUs)
    expect(dueUs(count - 1)).toBeLessThanOrEqual(sinceUs)
    expect(dueUs(count)).toBeGreaterThan(sinceUs)
  }
  expect(recordsIn(60)).toBe(60_000 * RECORDS_PER_TICK)
})

test('half of the records pass, as the amounts in them say', () => {
  const all = values()
  const passing = all.filter(({ value }) => JSON.parse(value.toString()).amount >= 55)
  expect(passing.length).toBe(all.length / 2)
  for (const i of [0, 1, 17, all.length + 5]) {
    const { amount } = JSON.parse(String(all[i % all.length]?.value))
    expect(passes(i)).toBe(amount >= 55)
  }
  expect(numberOf(timestampOf(12_345))).toBe(12_345)
})
