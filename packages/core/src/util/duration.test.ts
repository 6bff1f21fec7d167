import { expect, test } from 'vitest'
import { type Duration, durationMs } from './duration.ts'

test.each<[Duration, number]>([
  [0, 0],
  [250, 250],
  ['0s', 0],
  ['500ms', 500],
  ['10s', 10_000],
  ['1.5s', 1_500],
  ['0.1s', 100],
  ['5m', 300_000],
  ['1h', 3_600_000],
  ['1d', 86_400_000],
])('%j is %d ms', (duration, ms) => {
  expect(durationMs(duration, 'grace')).toBe(ms)
})

test.each([-1, 1.5, Number.NaN, Infinity, '', '10', '-1s', '10 s', '10sec', '1.5ms', '1e3s', null])(
  '%j is refused with the name of the option',
  duration => {
    expect(() => durationMs(duration as Duration, 'grace')).toThrow(
      /^INVALID_ARGUMENT: grace must be whole milliseconds >= 0 or text such as '500ms'.*got/,
    )
  },
)
