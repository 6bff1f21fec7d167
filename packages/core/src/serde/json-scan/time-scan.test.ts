import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isRefusal, toCell } from '../../schema/cell.ts'
import { t } from '../../schema/data-type.ts'
import { parseJson } from '../json-parse.ts'
import { FAULT } from './lexer.ts'
import { NUMBER } from './number-scan.ts'
import { timeScan } from './time-scan.ts'

/** The time that is read, or null when it is left to others. */
function timeOf(text: string, unit?: 's' | 'ms' | 'us' | 'ns'): number | null {
  const end = Buffer.byteLength(text)
  const at = timeScan(unit)(Buffer.from(text), 0, end)
  if (at === FAULT) return null
  expect(at).toBe(end)
  return NUMBER[0] as number
}

const iso = fc
  .tuple(
    fc.date({ noInvalidDate: true, min: new Date(-62e12), max: new Date(253e12) }),
    fc.constantFrom('Z', '+00:00', '-09:30', '+23:59', '+24:00', '', '+0200', 'z'),
    fc.constantFrom('', '.1', '.25', '.1234', '.123456789', '.1234567890', '.', ',5'),
    fc.constantFrom(16, 19, 13, 10),
  )
  .map(([date, zone, fraction, size]) => {
    return `"${date.toISOString().slice(0, size)}${size === 19 ? fraction : ''}${zone}"`
  })
const written = fc
  .tuple(fc.constantFrom(0, 1970, 1900, 2000, 2023, 2024, 9999), fc.nat(14), fc.nat(33))
  .map(parts => parts.map((part, i) => String(part).padStart(i === 0 ? 4 : 2, '0')).join('-'))
  .map(day => `"${day}T23:59:59Z"`)
const numeric = fc.oneof(
  fc.integer({ min: -1e15, max: 1e16 }).map(String),
  fc.double({ min: -1e10, max: 1e10, noNaN: true }).map(value => JSON.stringify(value)),
  fc.bigInt({ min: -(10n ** 19n), max: 10n ** 19n }).map(String),
)

test.each([undefined, 's', 'ms', 'us', 'ns'] as const)(
  'times of unit %s are those of the gate',
  unit => {
    const type = t.timestamp(unit === undefined ? {} : { unit })
    fc.assert(
      fc.property(fc.oneof(iso, written, numeric), text => {
        const time = timeOf(text, unit)
        if (time === null) return
        const [value] = parseJson(`[${text}]`) as [unknown]
        const cell = toCell(type, value, 'json')
        expect(isRefusal(cell)).toBe(false)
        expect(time + 0).toBe(cell)
      }),
      { numRuns: 3_000 },
    )
  },
)

test('usual forms are not left to others', () => {
  expect(timeOf('1785578400123')).toBe(1_785_578_400_123)
  expect(timeOf('1785578400.123456', 's')).toBe(1_785_578_400_123)
  expect(timeOf('1785578400123456', 'us')).toBe(1_785_578_400_123)
  expect(timeOf('1785578400123456789', 'ns')).toBe(1_785_578_400_123)
  expect(timeOf('"2026-08-01T10:00:00Z"')).toBe(Date.UTC(2026, 7, 1, 10))
  expect(timeOf('"2026-08-01T12:00:00.250+02:00"')).toBe(Date.UTC(2026, 7, 1, 10, 0, 0, 250))
  expect(timeOf('"2024-02-29T10:00Z"')).toBe(Date.UTC(2024, 1, 29, 10))
})

test('text that is no time is left to others', () => {
  const odd = ['"2026-08-01"', '"2026-08-01T10:00:00"', '"2026-02-29T10:00Z"', '"x"', '"', '""']
  expect(odd.map(text => timeOf(text))).toEqual(odd.map(() => null))
})
