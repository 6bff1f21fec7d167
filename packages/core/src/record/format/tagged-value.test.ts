import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type DataType, t } from '../../schema/data-type.ts'
import { ByteReader } from '../../util/byte-reader.ts'
import { ByteWriter } from '../../util/byte-writer.ts'
import { decimalText } from '../../util/decimal.ts'
import type { Cell } from './cell.ts'
import { readTagged, readTaggedAny, writeTagged } from './tagged-value.ts'

function bytesOf(cell: Cell, type: DataType): Buffer {
  const out = new ByteWriter()
  writeTagged(cell, type, out, 'x')
  return out.copy()
}

const read = (bytes: Uint8Array, type: DataType): Cell =>
  readTagged(new ByteReader(bytes, 'value'), type, 'x')
const hex = (cell: Cell, type: DataType): string => bytesOf(cell, type).toString('hex')

const CELLS: readonly (readonly [DataType, fc.Arbitrary<Cell>])[] = [
  [t.string(), fc.string({ unit: 'grapheme' })],
  [t.boolean(), fc.boolean()],
  [t.int32(), fc.integer()],
  [t.int64(), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })],
  [t.int64({ as: 'number' }), fc.maxSafeInteger().map(value => value + 0)],
  [t.float64(), fc.double()],
  [t.decimal(9, 2), fc.integer({ min: -1e9 + 1, max: 1e9 - 1 }).map(n => decimalText(n, 2))],
  [
    t.timestamp(),
    fc.oneof(
      fc.maxSafeInteger().map(ms => ms + 0),
      fc.double({ noNaN: true }).map(ms => ms + 0),
    ),
  ],
  [t.bytes(), fc.uint8Array()],
  [t.list(t.int32().nullable()), fc.array(fc.option(fc.integer()))],
  [
    t.struct({ a: t.decimal(3, 1), b: t.list(t.struct({ __proto: t.string() })).nullable() }),
    fc.record({
      a: fc.integer({ min: -999, max: 999 }).map(n => decimalText(n, 1)),
      b: fc.option(fc.array(fc.record({ __proto: fc.string({ unit: 'grapheme' }) }))),
    }),
  ],
  [
    t.json(),
    // As text has it: JSON knows no -0.
    fc
      .jsonValue()
      .map(value => JSON.parse(JSON.stringify(value)))
      .filter(value => value !== null) as fc.Arbitrary<Cell>,
  ],
  [
    t.json(),
    fc.oneof(
      fc.bigInt(),
      fc.bigInt().map(n => [n, { n }]),
    ),
  ],
]

describe.each(CELLS)('%s', (type, values) => {
  test('comes back, null too', () => {
    fc.assert(
      fc.property(fc.option(values), cell => {
        const bytes = bytesOf(cell, type.nullable())
        const from = new ByteReader(bytes, 'value')
        const got = readTagged(from, type.nullable())
        expect(got).toEqual(cell)
        expect(from.left).toBe(0)
        const any = new ByteReader(bytes, 'value')
        readTaggedAny(any)
        expect(any.left).toBe(0)
      }),
    )
  })

  test('refuses null where it is required', () => {
    expect(() => bytesOf(null, type)).toThrow(/ENCODE_FAILED: expected .+, got null.*column "x"/)
    expect(() => read(Uint8Array.of(0), type)).toThrow(/FORMAT_UNKNOWN.*for column "x", got null/)
  })
})

test('whole numbers are small', () => {
  expect(hex(1, t.float64())).toBe('0302')
  expect(hex(-1, t.int64({ as: 'number' }))).toBe('0301')
  expect(hex(2 ** 51, t.float64()).slice(0, 2)).toBe('03')
  expect(hex(2 ** 51 + 1, t.float64()).slice(0, 2)).toBe('04')
  expect(hex(-0, t.float64())).toBe('048000000000000000')
})

test('a number is read into a wider type, and refused by a narrower one', () => {
  const one = bytesOf(1, t.int32())
  expect(read(one, t.float64())).toBe(1)
  expect(read(one, t.int64())).toBe(1n)
  expect(read(one, t.json())).toBe(1)
  expect(read(bytesOf(5n, t.int64()), t.int64({ as: 'number' }))).toBe(5)
  expect(() => read(bytesOf(2n ** 60n, t.int64()), t.int64({ as: 'number' }))).toThrow('int64')
  expect(() => read(bytesOf(1.5, t.float64()), t.int32())).toThrow('got the number 1.5')
  expect(() => read(bytesOf('1', t.string()), t.float64())).toThrow('got the string "1"')
})

test('a decimal is read into one with more digits, and refused by one with fewer', () => {
  const price = bytesOf('12.30', t.decimal(9, 2))
  expect(read(price, t.decimal(38, 10))).toBe('12.3000000000')
  expect(read(price, t.decimal(3, 1))).toBe('12.3')
  expect(read(price, t.json())).toBe('12.30')
  expect(() => read(price, t.decimal(2, 1))).toThrow('a cell of type decimal(2, 1)')
  expect(() => read(bytesOf('12.34', t.decimal(9, 2)), t.decimal(9, 1))).toThrow('FORMAT_UNKNOWN')
  expect(read(bytesOf(7, t.int32()), t.decimal(3, 1))).toBe('7.0')
  expect(read(bytesOf(2n ** 63n - 1n, t.int64()), t.decimal(19))).toBe('9223372036854775807')
  expect(() => read(bytesOf(0.5, t.float64()), t.decimal(3, 1))).toThrow('FORMAT_UNKNOWN')
  expect(() => read(bytesOf('7', t.string()), t.decimal(3, 1))).toThrow('FORMAT_UNKNOWN')
})

test('fields of a struct are added and taken away, elements are not', () => {
  const old = t.struct({ a: t.int32(), b: t.list(t.struct({ c: t.string() })) })
  const bytes = bytesOf({ a: 1, b: [{ c: 'x' }] }, old)
  const now = t.struct({
    b: t.list(t.struct({ d: t.string().nullable() })),
    e: t.bytes().nullable(),
  })
  expect(read(bytes, now)).toEqual({ b: [{ d: null }], e: null })
  expect(() => read(bytes, t.struct({ e: t.bytes() }))).toThrow(
    'expected the field "e", got a struct',
  )
  expect(() => read(bytes, t.list(t.int32()))).toThrow('a cell of type list for column "x"')
  expect(read(bytes, t.json())).toEqual({ a: 1, b: [{ c: 'x' }] })
  expect(() => read(Uint8Array.of(12, 200, 1), t.list(t.int32()))).toThrow('FORMAT_UNKNOWN')
})

test.each([
  [t.list(t.int32()), {}],
  [t.list(t.int32()), ['x']],
  [t.struct({ a: t.int32() }), []],
  [t.struct({ a: t.int32() }), {}],
  [t.decimal(9, 2), 1],
  [t.int32(), 2 ** 31],
  [t.int32(), 1.5],
  [t.int64(), 1],
  [t.int64(), 2n ** 63n],
  [t.int64({ as: 'number' }), 2 ** 53],
  [t.string(), 1],
  [t.timestamp(), Number.NaN],
  [t.float64(), '1'],
  [t.boolean(), 0],
  [t.bytes(), 'x'],
] as const)('%s refuses %s when it is written', (type, cell) => {
  expect(() => bytesOf(cell, type)).toThrow('ENCODE_FAILED')
})

test('a value without a JSON form is refused with its column', () => {
  const cycle: { self?: object } = {}
  cycle.self = cycle
  expect(() => bytesOf(cycle, t.json())).toThrow(/ENCODE_FAILED.*an object.*column "x"/)
})

test('unknown tags, false JSON and cut-off values are refused', () => {
  expect(() => read(Uint8Array.of(14), t.json())).toThrow('the tag 14')
  expect(() => read(Uint8Array.of(9, 1, 0x7b), t.json())).toThrow('expected JSON text')
  expect(() => read(Uint8Array.of(4, 0), t.float64())).toThrow('FORMAT_UNKNOWN')
})
