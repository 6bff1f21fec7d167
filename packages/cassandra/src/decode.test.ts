import { t } from '@millrace/core'
import { types } from 'cassandra-driver'
import { expect, test } from 'vitest'
import { decodedCell } from './decode.ts'

const UUID = '00000000-0000-4000-8000-000000000001'

test.each([
  [t.string(), 'x', 'x'],
  [t.string(), types.Uuid.fromString(UUID), UUID],
  [t.string(), types.InetAddress.fromString('127.0.0.1'), '127.0.0.1'],
  [t.string(), types.BigDecimal.fromString('1.50'), '1.50'],
  [t.string(), types.LocalDate.fromString('2025-06-15'), '2025-06-15'],
  [t.string(), new Date(0), '1970-01-01T00:00:00.000Z'],
  [t.int32(), 7, 7],
  [t.int32(), types.Long.fromNumber(7), 7],
  [t.int64(), types.Long.fromString('9007199254740993'), 9_007_199_254_740_993n],
  [t.int64({ as: 'number' }), types.Long.fromNumber(7), 7],
  [t.int64(), types.LocalTime.fromString('00:00:01'), 1_000_000_000n],
  [t.float64(), 1.5, 1.5],
  [t.float64(), types.BigDecimal.fromString('1.5'), 1.5],
  [t.decimal(9, 3), types.BigDecimal.fromString('1.5'), '1.500'],
  [t.boolean(), true, true],
  [t.timestamp(), new Date(1_750_000_000_000), 1_750_000_000_000],
  [t.timestamp(), types.LocalDate.fromString('2025-06-15'), Date.UTC(2025, 5, 15)],
  [t.bytes(), types.Uuid.fromString(UUID), Buffer.from(UUID.replaceAll('-', ''), 'hex')],
  [t.json(), '{"a":[1]}', { a: [1] }],
  [t.json(), '[9007199254740993]', [9_007_199_254_740_993n]],
  [t.string(), null, null],
])('as %s: %s', (type, value, cell) => {
  expect(decodedCell(type, value)).toEqual(cell)
})

test('what is too large is refused, not changed', () => {
  const large = types.Long.fromString('9007199254740993')
  expect(() => decodedCell(t.int32(), large)).toThrow(/was expected, there is/)
  expect(() => decodedCell(t.int64({ as: 'number' }), large)).toThrow(RangeError)
  const fine = types.BigDecimal.fromString('1.234')
  expect(() => decodedCell(t.decimal(9, 2), fine)).toThrow('at most 2 digits behind the point')
})
