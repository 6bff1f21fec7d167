import { expect, test } from 'vitest'
import { MillraceError } from '../errors.ts'
import { type FailedWindow, windowError, windowRecord } from './window-failure.ts'

const failed = (parts: Partial<FailedWindow> = {}): FailedWindow => ({
  step: 'agg#2',
  start: 0,
  end: 10_000,
  timestamp: 7,
  key: Buffer.from('ann'),
  names: ['user', 'n'],
  cells: ['ann', 2n, 0, 10_000],
  ...parts,
})

test('the error says which window of which group', () => {
  const error = windowError(
    new MillraceError('OVERFLOW', 'too large.', { field: 'total' }),
    failed(),
  )
  expect(error).toMatchObject({ code: 'OVERFLOW', place: { step: 'agg#2', field: 'total' } })
  expect(error.text).toBe(
    'too large. It is the window from 0 to 10000 of group {"user":"ann","n":2}.',
  )
})

test('what an aggregate of a user throws is the failure of a function', () => {
  const cause = new TypeError('no')
  expect(windowError(cause, failed())).toMatchObject({ code: 'FUNCTION_FAILED', cause })
})

test('the group in the message is bounded, in the record it is whole', () => {
  const user = 'x'.repeat(5_000)
  const window = failed({ cells: [user, 2n] })
  const error = windowError(new MillraceError('OVERFLOW', 'too large.'), window)
  expect(error.text.length).toBeLessThan(300)
  const { value } = windowRecord(error, window)
  expect(JSON.parse(String(value)).group).toEqual({ user, n: 2 })
})

test.each([
  [Buffer.from('é'), 'é'],
  [Buffer.of(0xff, 0), '/wA='],
])('a record key %j stands for its group as %j', (key, group) => {
  const window = failed({ key, names: null })
  const error = windowError(new MillraceError('OVERFLOW', 'too large.'), window)
  const record = windowRecord(error, window)
  expect(record).toMatchObject({ key, timestamp: 7, headers: [] })
  expect(JSON.parse(String(record.value))).toEqual({
    window: { start: 0, end: 10_000 },
    group,
    error: { code: 'OVERFLOW', message: error.text },
  })
})
