import fc from 'fast-check'
import { expect, test } from 'vitest'
import { t } from '../schema/data-type.ts'
import { cellPrint, printable } from './cell-print.ts'

test('nothing that steers a terminal comes through', () => {
  expect(printable('\u001b[2J\u0007a\nb\tc\r\u009b\u202e\u2028\u200d')).toBe(
    '\\u{1b}[2J\\u{7}a\\nb\\tc\\r\\u{9b}\\u{202e}\\u{2028}\\u{200d}',
  )
  expect(printable('ü 漢字 🙂 "x"')).toBe('ü 漢字 🙂 "x"')
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), text => {
      expect(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u.test(printable(text))).toBe(false)
      expect(/[\p{Cc}\p{Cf}]/u.test(cellPrint(t.json(), 'x', { [text]: text }))).toBe(false)
    }),
  )
})

test('cells of each type', () => {
  const now = Date.UTC(2026, 7, 1, 10, 0, 0, 250)
  expect(cellPrint(t.string(), 'x', 'a\nb')).toBe('a\\nb')
  expect(cellPrint(t.boolean(), 'x', false)).toBe('false')
  expect(cellPrint(t.int64(), 'x', 12n)).toBe('12')
  expect(cellPrint(t.float64(), 'x', Number.NaN)).toBe('NaN')
  expect(cellPrint(t.timestamp(), 'x', now)).toBe('2026-08-01T10:00:00.250Z')
  expect(cellPrint(t.int64({ as: 'number' }), 'window_start', now)).toBe('2026-08-01T10:00:00.250Z')
  expect(cellPrint(t.float64(), 'window_end', 1e300)).toBe('1e+300')
  expect(cellPrint(t.bytes(), 'x', Buffer.from([1, 255]))).toBe('0x01ff')
  expect(cellPrint(t.bytes(), 'x', Buffer.alloc(17))).toBe(`0x${'00'.repeat(16)}…`)
  expect(cellPrint(t.json(), 'x', { a: [1n] })).toBe('{"a":[1]}')
  expect(cellPrint(t.json(), 'x', { a: Number.NaN })).toBe('[object Object]')
  expect(cellPrint(t.string().nullable(), 'x', null)).toBe('null')
})

test('long cells are cut', () => {
  expect(cellPrint(t.string(), 'x', 'y'.repeat(1e6))).toBe(`${'y'.repeat(79)}…`)
})
