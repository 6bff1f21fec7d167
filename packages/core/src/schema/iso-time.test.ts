import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseIsoTime } from './iso-time.ts'

test('what toISOString writes is read back, whatever the zone', () => {
  const time = fc.integer({ min: -8.64e15, max: 8.64e15 })
  const zone = fc.integer({ min: -23 * 60 - 59, max: 23 * 60 + 59 })
  fc.assert(
    fc.property(time, zone, (ms, zoneMinutes) => {
      expect(parseIsoTime(new Date(ms).toISOString())).toBe(ms)
      const local = ms + zoneMinutes * 60_000
      if (Math.abs(local) > 8.64e15) return
      const minutes = Math.abs(zoneMinutes)
      const pad = (n: number): string => String(n).padStart(2, '0')
      const sign = zoneMinutes < 0 ? '-' : '+'
      const suffix = `${sign}${pad(Math.floor(minutes / 60))}:${pad(minutes % 60)}`
      expect(parseIsoTime(new Date(local).toISOString().replace('Z', suffix))).toBe(ms)
    }),
  )
})

test.each([
  ['2026-08-01T10:00Z', Date.UTC(2026, 7, 1, 10)],
  ['2026-08-01 10:00:00z', Date.UTC(2026, 7, 1, 10)],
  ['2026-08-01T10:00:00.123987654Z', Date.UTC(2026, 7, 1, 10, 0, 0, 123)],
  ['1969-12-31T23:59:59.9999Z', -1],
  ['2024-02-29T00:00:00-0130', Date.UTC(2024, 1, 29, 1, 30)],
])('%s', (text, ms) => {
  expect(parseIsoTime(text)).toBe(ms)
})

test.each([
  ['2026-08-01', 'date only'],
  ['2026-08-01T10:00:00', 'no zone'],
  ['2026-08-01 10:00', 'no zone'],
  ['2023-02-29T00:00:00Z', 'not a time'],
  ['2026-13-01T00:00:00Z', 'not a time'],
  ['2026-00-10T00:00:00Z', 'not a time'],
  ['2026-08-01T24:00:00Z', 'not a time'],
  ['2026-08-01T10:60:00Z', 'not a time'],
  ['2026-08-01T10:00:00+24:00', 'not a time'],
  ['yesterday', 'not a time'],
  ['1754042400', 'not a time'],
  ['', 'not a time'],
])('%j is %s', (text, fault) => {
  expect(parseIsoTime(text)).toBe(fault)
})
