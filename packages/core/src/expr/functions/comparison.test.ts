import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { CellValue } from '../../batch/column.ts'
import { type DataType, t } from '../../schema/data-type.ts'
import { schema } from '../../schema/schema.ts'
import { cellsOf } from '../../testing/cells-of.ts'
import { col } from '../col.ts'
import { columnsOf } from '../columns.ts'
import type { AnyExpression } from '../facets.ts'
import { lit } from '../lit.ts'

const OPS = ['eq', 'ne', 'gt', 'gte', 'lt', 'lte'] as const
/** What each operation gives for left < right, left = right, left > right. */
const LESS = [false, true, false, false, true, true]
const SAME = [true, false, false, true, false, true]
const MORE = [false, true, true, true, false, false]

function all(left: AnyExpression, right: unknown, row: Record<string, CellValue>, types: object) {
  const columns = schema(types as Record<string, DataType>)
  return OPS.map(op => cellsOf(left[op](right as 0), columns, [row])[0])
}

describe('two columns of a kind', () => {
  const low = 1_700_000_000_000
  const kinds: readonly [string, DataType, CellValue, CellValue][] = [
    ['string', t.string(), 'Z', 'a'],
    ['int32', t.int32(), -1, 3],
    ['int64', t.int64(), -(2n ** 63n), 2n ** 63n - 1n],
    ['int64 as number', t.int64({ as: 'number' }), 5, 2 ** 53 - 1],
    ['float64', t.float64(), 1e300, Number.NaN],
    ['timestamp', t.timestamp(), low, low + 1],
    ['bytes', t.bytes(), Uint8Array.of(1), Uint8Array.of(0xff)],
    ['json of numbers', t.json(), 1, 2],
    ['json of text', t.json(), 'a', 'b'],
  ]
  for (const [name, type, less, more] of kinds) {
    test(name, () => {
      const types = { l: type.nullable(), r: type.nullable() }
      const [l, r] = [col('l'), col('r')]
      expect(all(l, r, { l: less, r: more }, types)).toEqual(LESS)
      expect(all(l, r, { l: more, r: less }, types)).toEqual(MORE)
      expect(all(l, r, { l: more, r: more }, types)).toEqual(SAME)
      const nothing = OPS.map(() => null)
      expect(all(l, r, { l: null, r: more }, types)).toEqual(nothing)
      expect(all(l, r, { l: more, r: null }, types)).toEqual(nothing)
      expect(all(l, r, { l: null, r: null }, types)).toEqual(nothing)
    })
  }

  test('booleans are equal or not, and have no order', () => {
    const types = schema({ a: t.boolean(), b: t.boolean() })
    const c = columnsOf(types)
    const rows = [
      { a: true, b: true },
      { a: true, b: false },
    ]
    expect(cellsOf(c.a.eq(c.b), types, rows)).toEqual([true, false])
    expect(cellsOf(c.a.ne(true), types, rows)).toEqual([false, false])
    expect(() => (c.a as unknown as AnyExpression).gt(c.b)).toThrow(
      'TYPE_MISMATCH: gt needs values with an order; a is boolean. Use eq or ne.',
    )
  })
})

test('numbers of different kinds compare exactly', () => {
  const types = { b: t.int64(), f: t.float64(), i: t.int32(), ts: t.timestamp() }
  const row = { b: 2n ** 53n + 1n, f: 2 ** 53, i: 5, ts: 1_700_000_000_000 }
  expect(all(col('b'), col('f'), row, types)).toEqual(MORE)
  expect(all(col('b'), 5.5, { ...row, b: 5n }, types)).toEqual(LESS)
  expect(all(col('i'), 5n, row, types)).toEqual(SAME)
  expect(all(col('ts'), 1.7e12, row, types)).toEqual(SAME)
  expect(all(col('ts'), lit(new Date(1.7e12 + 1)), row, types)).toEqual(LESS)
  expect(all(lit(4) as unknown as AnyExpression, col('i'), row, types)).toEqual(LESS)
})

describe('json beside a known type', () => {
  const types = { any: t.json() }
  test('is checked to be of that type', () => {
    expect(all(col('any'), 5, { any: 5 }, types)).toEqual(SAME)
    expect(all(col('any'), 'b', { any: 'a' }, types)).toEqual(LESS)
    expect(all(col('any'), new Date(0), { any: '1970-01-01T00:00:01Z' }, types)).toEqual(MORE)
    expect(() => all(col('any'), 5, { any: '5' }, types)).toThrow(
      'TYPE_MISMATCH: any as float64: expected a number, got "5".',
    )
  })

  test('two of them are compared by what they hold', () => {
    const pair = { l: t.json(), r: t.json() }
    expect(() => all(col('l'), col('r'), { l: 1, r: '1' }, pair)).toThrow(
      'TYPE_MISMATCH: l = r: expected two numbers, texts or booleans, got 1 and "1".',
    )
    expect(() => all(col('l'), col('r'), { l: [1], r: {} }, pair)).toThrow(
      'got an array of 1 and an object',
    )
  })
})

describe('isIn', () => {
  const types = schema({
    i: t.int32().nullable(),
    b: t.int64(),
    f: t.float64(),
    s: t.string(),
    bytes: t.bytes(),
    any: t.json(),
    ts: t.timestamp(),
  })
  const row = { i: 3, b: 3n, f: Number.NaN, s: 'x', bytes: Uint8Array.of(1), any: 'x', ts: 1.7e12 }
  const c = columnsOf(types)
  const one = (expression: Parameters<typeof cellsOf>[0], cells: Record<string, CellValue> = {}) =>
    cellsOf(expression, types, [{ ...row, ...cells }])[0]

  test('finds by the equality of eq', () => {
    expect(one(c.i.isIn([1, 3]))).toBe(true)
    expect(one(c.i.isIn(new Set([1, 2.5])))).toBe(false)
    expect(one(col('b').isIn([1, 3]))).toBe(true)
    expect(one(c.b.isIn([4n]))).toBe(false)
    expect(one(c.f.isIn([Number.NaN]))).toBe(true)
    expect(one(c.f.isIn([0]), { f: -0 })).toBe(true)
    expect(one(c.s.isIn(['y', 'x']))).toBe(true)
    expect(one(c.bytes.isIn([Uint8Array.of(2), Uint8Array.of(1)]))).toBe(true)
    expect(one(c.bytes.isIn([Uint8Array.of(1, 1)]))).toBe(false)
    expect(one(col('any').isIn(['x']))).toBe(true)
    expect(one(c.ts.isIn([1.7e12]))).toBe(true)
  })

  test('of null is null, of an empty list false', () => {
    expect(one(c.i.isIn([1]), { i: null })).toBe(null)
    expect(one(c.s.isIn([]))).toBe(false)
  })

  test('equals a chain of eq and or', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 4 }),
        fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1 }),
        (i, list) => {
          const chain = list.map(value => c.i.eq(value)).reduce((left, right) => left.or(right))
          expect(one(c.i.isIn(list), { i })).toBe(one(chain, { i }))
        },
      ),
    )
  })

  test('is checked at the line', () => {
    const s = c.s as unknown as AnyExpression
    expect(() => s.isIn([1])).toThrow(
      'TYPE_MISMATCH: isIn needs two values of one type; 1 is float64. But s is string.',
    )
    expect(() => s.isIn('abc' as never)).toThrow(
      'isIn takes an array or a Set of values; got "abc".',
    )
    expect(() => s.isIn([null])).toThrow('isIn never finds null; use .isNull() for it.')
    expect(() => s.isIn([c.s] as never)).toThrow('isIn takes values, not columns')
    expect(() => (c.i as unknown as AnyExpression).isIn([1n])).toThrow(
      'isIn needs values of one type; 1n is int64.',
    )
    expect(() => (c.b as unknown as AnyExpression).isIn([1.5])).toThrow(
      '1.5 is float64. But b is int64.',
    )
  })
})

test('comparing with null is refused, with the way out', () => {
  const c = columnsOf(schema({ a: t.int32().nullable() }))
  expect(() => (c.a as unknown as AnyExpression).eq(null)).toThrow(
    'INVALID_ARGUMENT: eq with null is never true, as in SQL. Use .isNull() or .isNotNull().',
  )
})

test('kinds that do not compare are refused, with the way out', () => {
  const c = columnsOf(
    schema({ a: t.int32(), s: t.string(), ts: t.timestamp() }),
  ) as unknown as Record<'a' | 's' | 'ts', AnyExpression>
  expect(() => c.s.gt(1)).toThrow(
    'TYPE_MISMATCH: gt needs two values of one type; 1 is float64. But s is string. ' +
      'Convert one: .as(t.string()).',
  )
  expect(() => c.ts.gt('2026-01-01T00:00Z')).toThrow('Convert one: lit(new Date(…)).')
  expect(() => c.a.eq(c.s)).toThrow('s is string. But a is int32. Convert one: .as(t.int32()).')
})
