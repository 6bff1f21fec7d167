import { expect, test } from 'vitest'
import { timerError, timerRecord } from './timer-failure.ts'

const failed = {
  step: 'process#2',
  timer: { name: 'end', at: 5_000, kind: 'event' as const },
  timestamp: 5_000,
  key: Buffer.from('ada'),
  names: ['user'],
  cells: ['ada'],
}

test('a timer that fails says which it is, and of which group', () => {
  const error = timerError(new Error('no'), failed)
  expect(error.code).toBe('FUNCTION_FAILED')
  expect(error.place.step).toBe('process#2')
  expect(error.text).toContain('threw Error: no.')
  expect(error.text).toContain('It is the timer "end" of 5000 of group {"user":"ada"}.')
})

test('its letter has the group as key, and as value what it is', () => {
  const error = timerError(new Error('no'), failed)
  const { key, value, timestamp } = timerRecord(error, failed)
  expect([key?.toString(), timestamp]).toEqual(['ada', 5_000])
  expect(JSON.parse(String(value))).toEqual({
    timer: { name: 'end', at: 5_000, kind: 'event' },
    group: { user: 'ada' },
    error: { code: 'FUNCTION_FAILED', message: error.text },
  })
})
