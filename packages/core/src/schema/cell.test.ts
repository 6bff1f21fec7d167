import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type CellForm, isRefusal, timestampLooksWrong, toCell } from './cell.ts'
import { type DataType, type TimestampUnit, t } from './data-type.ts'
import type { Refusal } from './refusal.ts'

function refused(type: DataType, value: unknown, form?: CellForm): string {
  const cell = toCell(type, value, form)
  expect(isRefusal(cell)).toBe(true)
  const { code, expected, got } = cell as Refusal
  return `${code}: expected ${expected}, got ${got}`
}

test('null and undefined are cells of nullable columns only', () => {
  for (const type of [t.string(), t.int64(), t.json(), t.timestamp()]) {
    expect(toCell(type.nullable(), null)).toBe(null)
    expect(toCell(type.nullable(), undefined)).toBe(null)
    expect(refused(type, null)).toBe(`DECODE_FAILED: expected ${type.kind}, not null, got null`)
    expect(refused(type, undefined)).toContain('got nothing')
  }
})

test('text, booleans and bytes are taken as they are and nothing is guessed', () => {
  const bytes = new Uint8Array([1, 2])
  expect(toCell(t.string(), 'x')).toBe('x')
  expect(toCell(t.boolean(), false)).toBe(false)
  expect(toCell(t.bytes(), bytes)).toBe(bytes)
  expect(refused(t.string(), 12)).toBe('DECODE_FAILED: expected text, got 12')
  expect(refused(t.boolean(), 1)).toBe('DECODE_FAILED: expected true or false, got 1')
  expect(refused(t.boolean(), 'true')).toContain('got "true"')
  expect(refused(t.bytes(), [1])).toBe('DECODE_FAILED: expected a Uint8Array, got an array of 1')
})

test('bytes in JSON are base64', () => {
  expect(toCell(t.bytes(), 'AQI=', 'json')).toEqual(Buffer.from([1, 2]))
  expect(toCell(t.bytes(), '', 'json')).toEqual(Buffer.alloc(0))
  for (const bad of ['AQI', '****', 'AQ=I', 12]) {
    expect(refused(t.bytes(), bad, 'json')).toContain('expected bytes as base64 text')
  }
  expect(refused(t.bytes(), 'AQI=')).toContain('a Uint8Array')
})

test('int32 is whole and in range', () => {
  for (const good of [0, -0x8000_0000, 0x7fff_ffff]) expect(toCell(t.int32(), good)).toBe(good)
  expect(toCell(t.int32(), -0)).toBe(0)
  expect(refused(t.int32(), 1.5)).toBe('DECODE_FAILED: expected a whole number of 32 bits, got 1.5')
  expect(refused(t.int32(), '1')).toContain('DECODE_FAILED')
  expect(refused(t.int32(), Number.NaN)).toContain('DECODE_FAILED')
  for (const bad of [0x8000_0000, -0x8000_0001, 1e300, 2n ** 70n]) {
    expect(refused(t.int32(), bad)).toContain('OVERFLOW: expected a whole number from -2^31')
  }
})

describe('int64', () => {
  test('takes bigint, safe numbers and digits', () => {
    const big = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
    fc.assert(
      fc.property(big, value => {
        expect(toCell(t.int64(), value)).toBe(value)
        expect(toCell(t.int64(), String(value))).toBe(value)
      }),
    )
    fc.assert(
      fc.property(fc.maxSafeInteger(), value => {
        expect(toCell(t.int64(), value)).toBe(BigInt(value))
        expect(toCell(t.int64({ as: 'number' }), value)).toBe(value + 0)
        expect(toCell(t.int64({ as: 'number' }), String(value))).toBe(value + 0)
      }),
    )
  })

  test('refuses what is not exact or not in range', () => {
    for (const bad of [2n ** 63n, -(2n ** 63n) - 1n, '9223372036854775808', 2 ** 53, 1e30]) {
      expect(refused(t.int64(), bad)).toContain('OVERFLOW')
    }
    for (const bad of [2n ** 53n, '9007199254740992', 2 ** 53]) {
      expect(refused(t.int64({ as: 'number' }), bad)).toContain('OVERFLOW')
    }
    for (const bad of [1.5, '', '1.5', '0x10', ' 1', Number.POSITIVE_INFINITY, true]) {
      expect(refused(t.int64(), bad)).toContain('DECODE_FAILED')
    }
  })
})

test('float64 takes any number and no text', () => {
  for (const good of [1, 1.5, Number.NaN, Number.NEGATIVE_INFINITY]) {
    expect(toCell(t.float64(), good)).toBe(good)
  }
  expect(refused(t.float64(), '1.5')).toBe('DECODE_FAILED: expected a number, got "1.5"')
  expect(refused(t.float64(), 10n)).toContain('DECODE_FAILED')
  expect(toCell(t.float64(), 10n ** 20n, 'json')).toBe(1e20)
})

test('json takes anything that JSON has', () => {
  for (const good of [{ a: 1 }, [1], 'x', 1, 5n, false]) expect(toCell(t.json(), good)).toBe(good)
  expect(refused(t.json(), () => 1)).toContain('a JSON value')
})

describe('timestamp', () => {
  const now = Date.UTC(2026, 7, 1, 10, 0, 0, 250)

  test('is epoch milliseconds, a Date, or ISO text with a zone', () => {
    expect(toCell(t.timestamp(), now)).toBe(now)
    expect(toCell(t.timestamp(), now + 0.75)).toBe(now)
    expect(toCell(t.timestamp(), -0.5)).toBe(-1)
    expect(toCell(t.timestamp(), BigInt(now))).toBe(now)
    expect(toCell(t.timestamp(), new Date(now))).toBe(now)
    expect(toCell(t.timestamp(), '2026-08-01T12:00:00.250+02:00', 'json')).toBe(now)
  })

  test('says why text is refused', () => {
    expect(refused(t.timestamp(), '2026-08-01')).toContain('this is a date only')
    expect(refused(t.timestamp(), '2026-08-01T10:00:00')).toContain('Z or ±hh:mm (this has none')
    expect(refused(t.timestamp(), 'soon')).toContain('as in 2026-08-01T10:00:00Z, got "soon"')
  })

  test('refuses other units where none is declared, naming the unit', () => {
    expect(refused(t.timestamp(), now / 1e3)).toBe(
      'TIMESTAMP_UNIT: expected epoch milliseconds; this looks like seconds, which ' +
        "t.timestamp({ unit: 's' }) declares, got 1785578400.25",
    )
    expect(refused(t.timestamp(), now * 1e3)).toContain("unit: 'us'")
    expect(refused(t.timestamp(), BigInt(now) * 1_000_000n, 'json')).toContain("unit: 'ns'")
    expect(timestampLooksWrong(0)).toBe(null)
    expect(timestampLooksWrong(1e9 - 1)).toBe(null)
    expect(timestampLooksWrong(1e10)).toBe(null)
    expect(timestampLooksWrong(1e14 - 1)).toBe(null)
    expect(toCell(t.timestamp({ unit: 'ms' }), 1e9, 'data')).toBe(1e9)
  })

  test('data has the declared unit, rows always have milliseconds', () => {
    const perMs: Record<TimestampUnit, number> = { s: 1e-3, ms: 1, us: 1e3, ns: 1e6 }
    for (const unit of ['s', 'ms', 'us', 'ns'] as const) {
      expect(toCell(t.timestamp({ unit }), now * perMs[unit], 'data')).toBe(now)
      expect(toCell(t.timestamp({ unit }), now)).toBe(now)
    }
    expect(toCell(t.timestamp({ unit: 'ns' }), BigInt(now) * 1_000_000n + 999_999n, 'json')).toBe(
      now,
    )
    expect(toCell(t.timestamp({ unit: 'ns' }), -1n, 'json')).toBe(-1)
  })

  test('seconds with decimals give exact milliseconds', () => {
    fc.assert(
      fc.property(fc.integer({ min: -2.2e12, max: 8.8e12 }), ms => {
        expect(toCell(t.timestamp({ unit: 's' }), ms / 1e3, 'data')).toBe(ms)
      }),
    )
  })

  test('refuses what is no time', () => {
    for (const bad of [Number.NaN, Number.NEGATIVE_INFINITY, -1e16, new Date(Number.NaN), true]) {
      expect(refused(t.timestamp(), bad)).toContain('DECODE_FAILED')
    }
    expect(refused(t.timestamp({ unit: 's' }), 1e14, 'data')).toContain('8.64e15')
  })
})
