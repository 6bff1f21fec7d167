import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { CellValue } from '../batch/column.ts'
import { type DataType, t } from '../schema/data-type.ts'
import { schema } from '../schema/schema.ts'
import { cellsOf } from '../testing/cells-of.ts'
import { adaptLiteral, castExpr } from './cast.ts'
import { col } from './col.ts'
import { lit } from './lit.ts'
import { literalExpr } from './literal.ts'

const TYPES = {
  string: t.string(),
  boolean: t.boolean(),
  int32: t.int32(),
  int64: t.int64(),
  safe: t.int64({ as: 'number' }),
  float64: t.float64(),
  timestamp: t.timestamp(),
  bytes: t.bytes(),
  json: t.json(),
} as const
type Name = keyof typeof TYPES

function cast(cell: CellValue, from: DataType, to: DataType): CellValue {
  return cellsOf(col('x').as(to), schema({ x: from.nullable() }), [{ x: cell }])[0] as CellValue
}

const TIME = Date.parse('2026-08-01T10:00:00.250Z')
const ISO = '2026-08-01T10:00:00.250Z'
const [WRONG, OVER] = ['TYPE_MISMATCH', 'OVERFLOW']

/** From a cell to a type: the cell it becomes, or the code of the error. */
const CASES: readonly [from: Name, cell: CellValue, to: Name, expected: CellValue][] = [
  ['string', 'true', 'boolean', true],
  ['string', 'false', 'boolean', false],
  ['string', 'True', 'boolean', WRONG],
  ['string', '-12', 'int32', -12],
  ['string', '007', 'int32', 7],
  ['string', '-0', 'int32', 0],
  ['string', '2147483648', 'int32', OVER],
  ['string', '9223372036854775807', 'int64', 2n ** 63n - 1n],
  ['string', '9223372036854775808', 'int64', OVER],
  ['string', '9'.repeat(10_000), 'int64', OVER],
  ['string', '9007199254740993', 'safe', OVER],
  ...['', ' 1', '+1', '1.0', '0x10', '1_000', '1e3', '١'].map(
    text => ['string', text, 'int64', WRONG] as [Name, string, Name, string],
  ),
  ['string', '-1.5e3', 'float64', -1500],
  ['string', 'NaN', 'float64', Number.NaN],
  ['string', '-Infinity', 'float64', Number.NEGATIVE_INFINITY],
  ['string', '1e999', 'float64', OVER],
  ...['', '.5', '5.', '0x10', '1e', ' 1', 'inf'].map(
    text => ['string', text, 'float64', WRONG] as [Name, string, Name, string],
  ),
  ['string', ISO, 'timestamp', TIME],
  ['string', '2026-08-01T12:00:00.250+02:00', 'timestamp', TIME],
  ['string', '2026-08-01T10:00:00', 'timestamp', WRONG],
  ['string', '2026-08-01', 'timestamp', WRONG],
  ['string', '2026-02-30T10:00:00Z', 'timestamp', WRONG],
  ['string', 'ä', 'bytes', Buffer.from('ä')],
  ['string', 'ä', 'json', 'ä'],
  ['boolean', true, 'string', 'true'],
  ['boolean', true, 'int32', 1],
  ['boolean', false, 'int64', 0n],
  ['boolean', true, 'float64', 1],
  ['boolean', true, 'json', true],
  ['int32', 5, 'string', '5'],
  ['int32', 1, 'boolean', true],
  ['int32', 2, 'boolean', WRONG],
  ['int32', 5, 'int64', 5n],
  ['int32', 5, 'safe', 5],
  ['int32', 5, 'float64', 5],
  ['int32', 5, 'timestamp', 5],
  ['int32', 5, 'json', 5],
  ['int64', 2n ** 63n - 1n, 'string', '9223372036854775807'],
  ['int64', 0n, 'boolean', false],
  ['int64', 2n ** 31n, 'int32', OVER],
  ['int64', 2n ** 53n - 1n, 'safe', 2 ** 53 - 1],
  ['int64', 2n ** 53n, 'safe', OVER],
  ['int64', 2n ** 60n, 'float64', 2 ** 60],
  ['int64', 2n ** 53n + 1n, 'float64', OVER],
  ['int64', BigInt(TIME), 'timestamp', TIME],
  ['int64', 2n ** 62n, 'timestamp', OVER],
  ['int64', 5n, 'json', 5],
  ['int64', 2n ** 53n + 1n, 'json', OVER],
  ['safe', 5, 'int64', 5n],
  ['safe', 2 ** 40, 'int32', OVER],
  ['float64', 0.1, 'string', '0.1'],
  ['float64', -0, 'string', '0'],
  ['float64', 1, 'boolean', true],
  ['float64', 0.5, 'boolean', WRONG],
  ['float64', 3, 'int32', 3],
  ['float64', -0, 'safe', 0],
  ['float64', 3.5, 'int32', WRONG],
  ['float64', Number.NaN, 'int64', WRONG],
  ['float64', 1e300, 'int64', OVER],
  ['float64', 2 ** 62, 'int64', 2n ** 62n],
  ['float64', 1.5, 'timestamp', WRONG],
  ['float64', TIME, 'timestamp', TIME],
  ['float64', Number.POSITIVE_INFINITY, 'json', WRONG],
  ['float64', 1.5, 'json', 1.5],
  ['timestamp', TIME, 'string', ISO],
  ['timestamp', TIME, 'int64', BigInt(TIME)],
  ['timestamp', TIME, 'float64', TIME],
  ['timestamp', TIME, 'int32', OVER],
  ['timestamp', TIME, 'json', TIME],
  ['bytes', Buffer.from('ä'), 'string', 'ä'],
  ['bytes', Uint8Array.of(0xef, 0xbb, 0xbf), 'string', '\ufeff'],
  ['bytes', Uint8Array.of(0xff), 'string', WRONG],
  ['json', 'a', 'string', 'a'],
  ['json', 5, 'string', WRONG],
  ['json', 5, 'float64', 5],
  ['json', '5', 'float64', WRONG],
  ['json', 5, 'int64', 5n],
  ['json', 1.5, 'int64', WRONG],
  ['json', 2 ** 31, 'int32', OVER],
  ['json', false, 'boolean', false],
  ['json', ISO, 'timestamp', TIME],
  ['json', 1_700_000_000, 'timestamp', 'TIMESTAMP_UNIT'],
  ['json', 'AQI=', 'bytes', Buffer.of(1, 2)],
  ['json', '?', 'bytes', WRONG],
]

describe('the table of conversions', () => {
  for (const [from, cell, to, expected] of CASES) {
    const shown = String(typeof cell === 'string' ? `'${cell.slice(0, 40)}'` : cell)
    test(`${from} ${shown} to ${to}`, () => {
      const convert = () => cast(cell, TYPES[from], TYPES[to])
      if (typeof expected === 'string' && /^[A-Z]+_?[A-Z]+$/.test(expected)) {
        expect(convert).toThrow(`${expected}: x as `)
      } else expect(convert()).toEqual(expected)
    })
  }

  test('covers every pair that is allowed', () => {
    const names = Object.keys(TYPES) as Name[]
    const covered = new Set(CASES.map(([from, , to]) => `${from} ${to}`))
    const x = (from: Name) => col('x').toExpr(schema({ x: TYPES[from] }))
    for (const from of names) {
      for (const to of names) {
        const isInteger = (name: Name) => name === 'int32' || name === 'int64' || name === 'safe'
        if (from === to || (isInteger(from) && from !== 'int64')) continue
        let isAllowed = true
        try {
          castExpr(x(from), TYPES[to])
        } catch {
          isAllowed = false
        }
        const known = covered.has(`${from} ${to}`) || to === 'safe' || from === 'boolean'
        if (isAllowed) expect(known, `${from} to ${to} has a case`).toBe(true)
      }
    }
  })
})

test('what is in a list or struct becomes what its JSON text is read as', () => {
  const row = { n: t.int64(), raw: t.bytes().nullable(), deep: t.list(t.float64()) }
  const of = (cell: CellValue, type: DataType) => cast(cell, type, t.json())
  const cell = { n: 7n, raw: Uint8Array.of(1, 2), deep: [1.5] }
  expect(of(cell, t.struct(row))).toEqual({ n: 7, raw: 'AQI=', deep: [1.5] })
  expect(of([1n, null], t.list(t.int64().nullable()))).toEqual([1, null])
  expect(() => of([2n ** 53n + 1n], t.list(t.int64()))).toThrow(OVER)
  expect(() => of({ ...cell, deep: [Number.NaN] }, t.struct(row))).toThrow(WRONG)
})

test('null stays null in every conversion, and makes the result nullable', () => {
  for (const [from, , to] of CASES) expect(cast(null, TYPES[from], TYPES[to])).toBe(null)
  const x = col('x').toExpr(schema({ x: t.int32().nullable() }))
  expect(`${castExpr(x, t.string()).type}`).toBe('string?')
  expect(`${castExpr(x, t.int32().nullable()).type}`).toBe('int32?')
  expect(castExpr(x, t.int32())).toBe(x)
})

test('a pair without a conversion is refused when it is written', () => {
  const x = col('x').toExpr(schema({ x: t.bytes() }))
  expect(() => castExpr(x, t.float64())).toThrow(
    'TYPE_MISMATCH: x is bytes and cannot become float64; it can become string, bytes.',
  )
  const flag = col('x').toExpr(schema({ x: t.boolean() }))
  expect(() => castExpr(flag, t.timestamp())).toThrow('cannot become timestamp')
})

test('the unit of a timestamp from json is the one declared', () => {
  expect(cast(1_700_000_000, t.json(), t.timestamp({ unit: 's' }))).toBe(1.7e12)
})

test('numbers survive text and back', () => {
  fc.assert(
    fc.property(fc.double(), value => {
      const text = cast(value, t.float64(), t.string())
      expect(cast(text, t.string(), t.float64())).toBe(value + 0)
    }),
  )
  fc.assert(
    fc.property(fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n), value => {
      const text = cast(value, t.int64(), t.string())
      expect(cast(text, t.string(), t.int64())).toBe(value)
    }),
  )
})

test('the message names the expression, expected and got', () => {
  expect(() => cast('abc', t.string(), t.float64())).toThrow(
    'TYPE_MISMATCH: x as float64: expected a decimal number, got "abc".',
  )
  expect(() => cast(1.5, t.float64(), t.int32())).toThrow(
    'x as int32: expected a whole number (.round(), .floor() or .ceil() makes one), got 1.5.',
  )
})

test('null and whole literals take the type', () => {
  expect(lit(null).as(t.string()).toExpr(schema({}))).toMatchObject({
    kind: 'literal',
    value: null,
  })
  expect(adaptLiteral(literalExpr(5), t.int64())).toMatchObject({ value: 5n })
  expect(adaptLiteral(literalExpr(-0), t.int32()).kind === 'literal').toBe(true)
  expect(Object.is((adaptLiteral(literalExpr(-0), t.int32()) as { value: unknown }).value, 0)).toBe(
    true,
  )
  expect(adaptLiteral(literalExpr(1.5), t.int64())).toMatchObject({ value: 1.5 })
})
