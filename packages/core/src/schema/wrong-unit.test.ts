import { expect, test } from 'vitest'
import { refuseWrongUnit } from './wrong-unit.ts'

test('milliseconds of any plausible time pass', () => {
  for (const time of [0, -1, 1_000, 31_536_000_000, 1_750_000_000_000]) {
    expect(() => refuseWrongUnit(time)).not.toThrow()
  }
})

test.each([
  ['seconds', 1_750_000_000],
  ['microseconds', 1_750_000_000_000_000],
])('%s are refused, with the value', (_, time) => {
  expect(() => refuseWrongUnit(time)).toThrow('TIMESTAMP_UNIT')
  expect(() => refuseWrongUnit(time)).toThrow(String(time))
})
