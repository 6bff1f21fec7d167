/** The bytes against the driver's own encoder where that is exact, and what is refused. */
import { types } from 'cassandra-driver'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { CqlRefusal } from './cql-refusal.ts'
import type { ScalarKind } from './cql-type.ts'
import { SCALAR_ENCODERS, varintBytes } from './encode-scalar.ts'

const hex = (kind: ScalarKind, value: unknown) => SCALAR_ENCODERS[kind](value).toString('hex')

test.each<[ScalarKind, unknown, string]>([
  ['ascii', 'ab', '6162'],
  ['text', 'ä', 'c3a4'],
  ['boolean', true, '01'],
  ['tinyint', -1, 'ff'],
  ['smallint', '300', '012c'],
  ['int', 2 ** 31 - 1, '7fffffff'],
  ['bigint', -(2n ** 63n), '8000000000000000'],
  ['counter', 1, '0000000000000001'],
  ['varint', -129n, 'ff7f'],
  ['float', 1.5, '3fc00000'],
  ['double', -2, 'c000000000000000'],
  ['decimal', '-12.50', '00000002fb1e'],
  ['decimal', 1e21, 'ffffffeb01'],
  ['uuid', '00000000-0000-1000-8000-0000000000ff', '000000000000100080000000000000ff'],
  ['timestamp', 1_000, '00000000000003e8'],
  ['timestamp', '1970-01-01T00:00:01Z', '00000000000003e8'],
  ['date', '1970-01-02', '80000001'],
  ['date', -1, '7fffffff'],
  ['time', '00:00:01.5', '0000000059682f00'],
  ['duration', '1mo2d3ns', '020406'],
  ['duration', { months: 1, days: 2, nanoseconds: 3n }, '020406'],
  ['inet', '127.0.0.1', '7f000001'],
  ['inet', '::1', '00000000000000000000000000000001'],
  ['blob', new Uint8Array([202, 254]), 'cafe'],
  ['blob', '0xCAFE', 'cafe'],
])('%s of %s', (kind, value, bytes) => {
  expect(hex(kind, value)).toBe(bytes)
})

test.each<[ScalarKind, unknown]>([
  ['ascii', 'ä'],
  ['text', 5],
  ['boolean', 1],
  ['tinyint', 128],
  ['smallint', -32_769],
  ['int', 2 ** 31],
  ['int', 1.5],
  ['bigint', 2 ** 53],
  ['bigint', 2n ** 63n],
  ['varint', '1e5'],
  ['float', 1e39],
  ['double', '1'],
  ['double', 2n ** 53n + 1n],
  ['decimal', '1.2.3'],
  ['decimal', '.'],
  ['uuid', 'not one'],
  ['timeuuid', '00000000-0000-4000-8000-000000000000'],
  ['timestamp', '2026-08-01'],
  ['timestamp', Number.NaN],
  ['date', '2026-02-30'],
  ['time', '24:00:00'],
  ['duration', 'soon'],
  ['inet', '127.0.0.256'],
  ['blob', 'cafe'],
])('%s refuses %s', (kind, value) => {
  expect(() => SCALAR_ENCODERS[kind](value)).toThrow(CqlRefusal)
})

describe('as the driver writes them', () => {
  test('whole numbers of any size', () => {
    fc.assert(
      fc.property(fc.bigInt(), value => {
        const theirs = types.Integer.toBuffer(types.Integer.fromString(String(value)))
        expect(varintBytes(value).equals(theirs)).toBe(true)
      }),
    )
  })

  test('decimals', () => {
    fc.assert(
      fc.property(fc.bigInt(-(10n ** 30n), 10n ** 30n), fc.nat(20), (digits, scale) => {
        const value = types.BigDecimal.fromString(plain(digits, scale))
        const ours = SCALAR_ENCODERS.decimal(plain(digits, scale))
        expect(ours.equals(types.BigDecimal.toBuffer(value))).toBe(true)
      }),
    )
  })
})

function plain(digits: bigint, scale: number): string {
  const sign = digits < 0n ? '-' : ''
  const text = String(digits < 0n ? -digits : digits).padStart(scale + 1, '0')
  return scale === 0 ? `${sign}${text}` : `${sign}${text.slice(0, -scale)}.${text.slice(-scale)}`
}
