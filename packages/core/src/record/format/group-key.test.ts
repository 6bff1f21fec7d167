import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type DataType, t } from '../../schema/data-type.ts'
import { ByteWriter } from '../../util/byte-writer.ts'
import { compareDecimals, decimalText } from '../../util/decimal.ts'
import type { Cell } from './cell.ts'
import { groupKeyCodec } from './group-key.ts'

function keyOf(types: readonly DataType[], cells: readonly Cell[]): Buffer {
  const out = new ByteWriter()
  groupKeyCodec(types).encode(cells, out)
  return out.copy()
}

const hex = (types: readonly DataType[], cells: readonly Cell[]): string =>
  keyOf(types, cells).toString('hex')

const order = (a: Cell, b: Cell): number => ((a as number) < (b as number) ? -1 : a === b ? 0 : 1)
const byteOrder = (a: Uint8Array, b: Uint8Array): number => Buffer.compare(a, b)
const textOrder = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b))

/** Values of each kind, small alphabets so that neighbours and prefixes are met often. */
const KINDS = {
  string: {
    type: t.string(),
    values: fc.string({ unit: fc.constantFrom('\0', '\u0001', 'a', 'ÿ', '￿', '😀') }),
    compare: textOrder,
  },
  bytes: {
    type: t.bytes(),
    values: fc
      .array(fc.constantFrom(0, 1, 254, 255), { maxLength: 6 })
      .map(bytes => Uint8Array.from(bytes)),
    compare: byteOrder,
  },
  boolean: { type: t.boolean(), values: fc.boolean(), compare: order },
  int32: { type: t.int32(), values: fc.integer(), compare: order },
  int64: {
    type: t.int64(),
    values: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    compare: order,
  },
  timestamp: { type: t.timestamp(), values: fc.maxSafeInteger(), compare: order },
  float64: {
    type: t.float64(),
    values: fc.double({ noNaN: true }).map(value => value + 0),
    compare: order,
  },
  decimal: {
    type: t.decimal(38, 2),
    values: fc
      .oneof(fc.bigInt({ min: 1n - 10n ** 38n, max: 10n ** 38n - 1n }), fc.integer().map(BigInt))
      .map(units => decimalText(units, 2)),
    compare: (a: Cell, b: Cell) => compareDecimals(a as string, b as string),
  },
} as const

type Kind = keyof typeof KINDS
const kindNames = Object.keys(KINDS) as Kind[]

describe.each(kindNames)('a %s column', name => {
  const { type, values, compare } = KINDS[name] as {
    type: DataType
    values: fc.Arbitrary<Cell>
    compare: (a: Cell, b: Cell) => number
  }
  const nullable = type.nullable()

  test('comes back, alone and in a tuple', () => {
    fc.assert(
      fc.property(fc.option(values), values, (cell, other) => {
        const types = [nullable, type]
        const codec = groupKeyCodec(types)
        expect(codec.decode(keyOf(types, [cell, other]))).toEqual([cell, other])
        expect(groupKeyCodec([type]).decode(keyOf([type], [other]))).toEqual([other])
      }),
    )
  })

  test('has the order of its values, null first, column after column', () => {
    fc.assert(
      fc.property(fc.option(values), values, fc.option(values), values, (a, b, c, d) => {
        const types = [nullable, type]
        const got = Buffer.compare(keyOf(types, [a, b]), keyOf(types, [c, d]))
        expect(got).toBe(compareNullable(a, c, compare) || compare(b, d))
      }),
    )
  })
})

function compareNullable(a: Cell, b: Cell, compare: (a: Cell, b: Cell) => number): number {
  if (a === null || b === null) return Number(a !== null) - Number(b !== null)
  return compare(a, b)
}

test('one string column is its text, and null is a byte that UTF-8 never has', () => {
  expect(hex([t.string()], ['ada'])).toBe('616461')
  expect(hex([t.string()], [''])).toBe('')
  expect(hex([t.string().nullable()], [null])).toBe('ff')
  expect(groupKeyCodec([t.string().nullable()]).decode(Buffer.from('ff', 'hex'))).toEqual([null])
  expect(hex([t.string()], ['ÿ'])).toBe('c3bf')
})

test('one required bytes column is itself; a nullable one is a tuple, so that null differs', () => {
  expect(hex([t.bytes()], [Uint8Array.of(0xff)])).toBe('ff')
  expect(hex([t.bytes().nullable()], [Uint8Array.of(0, 1)])).toBe('012100ff010000')
  expect(hex([t.bytes().nullable()], [null])).toBe('0101')
})

test('no column at all is one group', () => {
  expect(hex([], [])).toBe('01')
  expect(groupKeyCodec([]).decode(Uint8Array.of(1))).toEqual([])
})

test('a number and a timestamp of the same value are different keys', () => {
  expect(hex([t.timestamp()], [1])).not.toBe(hex([t.int64({ as: 'number' })], [1]))
  expect(hex([t.int64({ as: 'number' })], [1])).toBe(hex([t.int64()], [1n]))
})

test('-0 is 0 and NaN is one group that comes last', () => {
  expect(hex([t.float64()], [-0])).toBe(hex([t.float64()], [0]))
  const nan = keyOf([t.float64()], [Number.NaN])
  expect(Buffer.compare(keyOf([t.float64()], [Number.POSITIVE_INFINITY]), nan)).toBe(-1)
  expect(groupKeyCodec([t.float64()]).decode(nan)).toEqual([Number.NaN])
})

test('a json column groups by value', () => {
  const types = [t.json().nullable()]
  for (const cell of ['a', 1.5, true, false, null, 7n]) {
    expect(groupKeyCodec(types).decode(keyOf(types, [cell]))).toEqual([cell])
  }
  expect(hex(types, ['1'])).not.toBe(hex(types, [1]))
})

test('a decimal of another scale is another key, and is refused', () => {
  const key = keyOf([t.decimal(9, 2)], ['1.50'])
  expect(hex([t.decimal(20, 2)], ['1.50'])).toBe(key.toString('hex'))
  expect(() => groupKeyCodec([t.decimal(9, 3)]).decode(key)).toThrow(
    'expected decimal(9, 3), got one of scale 2',
  )
})

test.each([
  [t.decimal(9, 2), 1, 'where a decimal is expected'],
  [t.json(), {}, 'an object where text, a number, a boolean or null is expected'],
  [t.json(), [1], 'an array of 1'],
  [t.json(), 2n ** 63n, 'an exact whole number of 64 bits'],
  [t.timestamp(), 1.5, 'the number 1.5'],
  [t.int32(), 'x', 'the string "x"'],
  [t.string(), 1, 'where a string is expected'],
  [t.bytes(), null, 'null where bytes is expected'],
] as const)('%s refuses %s', (type, cell, message) => {
  expect(() => keyOf([type], [cell])).toThrow(message)
  expect(() => keyOf([type], [cell])).toThrow('ENCODE_FAILED')
})

test.each([
  ['02', 'expected format version 1, got version 2'],
  ['01', '1 bytes at 1'],
  ['0120', 'the tag 32'],
  ['0110800000000000000100', 'expected the end'],
])('bytes %s that are no key of an integer are refused', (bytes, message) => {
  expect(() => groupKeyCodec([t.int64()]).decode(Buffer.from(bytes, 'hex'))).toThrow(message)
})

test('a false escape is refused', () => {
  const codec = groupKeyCodec([t.bytes().nullable()])
  expect(() => codec.decode(Buffer.from('01210001', 'hex'))).toThrow('00 or FF after 00')
})
