import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { CellValue } from '../../batch/column.ts'
import { type DataType, t } from '../../schema/data-type.ts'
import { schema } from '../../schema/schema.ts'
import { cellsOf } from '../../testing/cells-of.ts'
import { col } from '../col.ts'
import { columnsOf } from '../columns.ts'
import type { AnyExpression, Columns } from '../facets.ts'
import { lit } from '../lit.ts'

const Numbers = schema({
  i: t.int32(),
  s: t.int64({ as: 'number' }),
  b: t.int64(),
  f: t.float64(),
  ts: t.timestamp(),
  text: t.string(),
  any: t.json(),
  ni: t.int32().nullable(),
  nb: t.int64().nullable(),
  nf: t.float64().nullable(),
  nts: t.timestamp().nullable(),
})
type Numbers = typeof Numbers.row
const c = columnsOf(Numbers)
const ROW = { i: 7, s: 20, b: 30n, f: 2.5, ts: 1_700_000_000_123, text: 'x', any: 4 }
/** What a JavaScript user may write. */
const untyped = (column: unknown) => column as AnyExpression
const OPS = ['add', 'sub', 'mul', 'div', 'mod'] as const

function one(expression: Parameters<typeof cellsOf>[0], row: Record<string, CellValue> = {}) {
  return cellsOf(expression, Numbers, [{ ...ROW, ...row }])[0]
}
function typeOf(expression: Parameters<typeof cellsOf>[0]): string {
  return String(expression.toExpr(Numbers).type)
}

describe('types of results', () => {
  const table: Record<string, Record<string, string>> = {
    i: { i: 'int32', s: 'int64 as number', b: 'int64', f: 'float64', any: 'float64' },
    s: { i: 'int64 as number', s: 'int64 as number', b: 'int64', f: 'float64', any: 'float64' },
    b: { i: 'int64', s: 'int64', b: 'int64' },
    f: { i: 'float64', s: 'float64', f: 'float64', any: 'float64' },
    any: { i: 'float64', s: 'float64', f: 'float64', any: 'float64' },
  }
  for (const [left, row] of Object.entries(table)) {
    for (const [right, type] of Object.entries(row)) {
      test(`${left} with ${right} gives ${type}`, () => {
        for (const op of ['add', 'sub', 'mul', 'mod'] as const) {
          expect(typeOf(col(left)[op](col(right)))).toBe(type)
        }
        if (type !== 'int64') expect(typeOf(col(left).div(col(right)))).toBe('float64')
      })
    }
  }

  test('bigint with fractions is refused, with the way out', () => {
    expect(() => untyped(c.b).add(c.f)).toThrow(
      'TYPE_MISMATCH: add needs numbers of one kind; f is float64. But b is int64, a bigint. ' +
        'Convert one of them: .as(t.float64()) or .as(t.int64()).',
    )
    expect(() => c.b.add(1.5)).toThrow('1.5 is float64')
    expect(() => untyped(c.b).div(2)).toThrow('div needs float64; b is int64.')
    expect(one(c.b.as(t.float64()).div(4))).toBe(7.5)
  })

  test('text is refused, with the way out', () => {
    for (const op of OPS) {
      expect(() => (c.f[op] as (x: unknown) => unknown)(c.text)).toThrow(
        `TYPE_MISMATCH: ${op} needs numbers; text is string. Convert it first: .as(t.float64()).`,
      )
    }
  })

  test('a whole literal takes the kind of the column, a fraction makes float64', () => {
    expect(typeOf(c.i.add(1))).toBe('int32')
    expect(typeOf(lit(1).add(c.i))).toBe('int32')
    expect(typeOf(c.i.add(2 ** 40))).toBe('int64 as number')
    expect(typeOf(c.b.mul(2))).toBe('int64')
    expect(one(c.b.mul(2))).toBe(60n)
    expect(typeOf(c.i.mul(1.5))).toBe('float64')
    expect(typeOf(lit(1).add(2))).toBe('float64')
  })
})

describe('values', () => {
  test('of each operation and kind', () => {
    expect(OPS.map(op => one(c.i[op](2)))).toEqual([9, 5, 14, 3.5, 1])
    expect(OPS.map(op => one(c.s[op](c.i)))).toEqual([27, 13, 140, 20 / 7, 6])
    expect(OPS.map(op => one(c.f[op](c.i)))).toEqual([9.5, -4.5, 17.5, 2.5 / 7, 2.5])
    expect((['add', 'sub', 'mul', 'mod'] as const).map(op => one(c.b[op](c.i)))).toEqual([
      37n,
      23n,
      210n,
      2n,
    ])
    expect(one(c.i.neg().mod(4))).toBe(-3)
    expect([one(c.i.neg()), one(c.b.neg()), one(c.f.neg().abs()), one(c.b.neg().abs())]).toEqual([
      -7,
      -30n,
      2.5,
      30n,
    ])
  })

  test('float64 is IEEE', () => {
    expect(one(c.f.div(0))).toBe(Number.POSITIVE_INFINITY)
    expect(one(c.i.sub(7).div(0))).toBe(Number.NaN)
    expect(one(c.f.mod(0))).toBe(Number.NaN)
    expect(one(c.f.mul(1e308).mul(10))).toBe(Number.POSITIVE_INFINITY)
  })

  test('whole numbers have no negative zero', () => {
    expect(one(c.i.mul(0).neg())).toBe(0)
    expect(one(c.s.mul(-0))).toBe(0)
  })

  test('a null operand gives null on either side', () => {
    for (const op of OPS) {
      expect(one(c.nf[op](c.f))).toBe(null)
      expect(one(c.f[op](c.nf))).toBe(null)
      expect(one(c.ni[op](c.ni))).toBe(null)
      expect(typeOf(c.f[op](c.nf))).toBe('float64?')
    }
    expect(one(c.nb.add(1n).mul(c.b).mod(2).neg().abs())).toBe(null)
    for (const op of ['neg', 'abs', 'round', 'floor', 'ceil'] as const) {
      expect(one(c.nf[op]())).toBe(null)
    }
  })
})

describe('a result outside its type is an error of the record', () => {
  const cases: readonly [string, (c: Columns<Numbers>) => Parameters<typeof cellsOf>[0], object][] =
    [
      ['i + 1: 2147483648 is outside int32.', c => c.i.add(1), { i: 2147483647 }],
      ['i * i: 4294967296 is outside int32.', c => c.i.mul(c.i), { i: 65536 }],
      ['neg(i): 2147483648 is outside int32.', c => c.i.neg(), { i: -2147483648 }],
      ['abs(i): 2147483648 is outside int32.', c => c.i.abs(), { i: -2147483648 }],
      ['s + 1: 9007199254740992 is outside int64 as number.', c => c.s.add(1), { s: 2 ** 53 - 1 }],
      ['b - 1n: -9223372036854775809 is outside int64.', c => c.b.sub(1), { b: -(2n ** 63n) }],
      ['abs(b): 9223372036854775808 is outside int64.', c => c.b.abs(), { b: -(2n ** 63n) }],
      ['i % 0: a whole number mod 0 has no result.', c => c.i.mod(0), {}],
      ['b % 0n: a whole number mod 0 has no result.', c => c.b.mod(0), {}],
      ['ts + 8640000000000000: ', c => c.ts.add(8.64e15), {}],
    ]
  for (const [text, make, row] of cases) {
    test(text, () => {
      expect(() => one(make(c), row as Record<string, CellValue>)).toThrow(`OVERFLOW: ${text}`)
    })
  }

  test('the error says what to do', () => {
    expect(() => cellsOf(c.i.add(1), Numbers, [ROW, { ...ROW, i: 2147483647 }])).toThrow(
      'OVERFLOW: i + 1: 2147483648 is outside int32. Convert an operand first: .as(t.int64()) or ' +
        '.as(t.float64()).',
    )
  })
})

describe('whole arithmetic is exact or fails', () => {
  const kinds: readonly [string, DataType, bigint, bigint][] = [
    ['i', t.int32(), -(2n ** 31n), 2n ** 31n - 1n],
    ['s', t.int64({ as: 'number' }), -(2n ** 53n) + 1n, 2n ** 53n - 1n],
    ['b', t.int64(), -(2n ** 63n), 2n ** 63n - 1n],
  ]
  for (const [name, type, min, max] of kinds) {
    test(`${type} agrees with exact integers`, () => {
      const pair = schema({ l: type, r: type })
      const cell = fc.oneof(fc.bigInt(min, max), fc.bigInt(-100n, 100n))
      const given = (value: bigint): CellValue => (name === 'b' ? value : Number(value))
      fc.assert(
        fc.property(cell, cell, fc.constantFrom('add', 'sub', 'mul', 'mod'), (l, r, op) => {
          const exact = { add: l + r, sub: l - r, mul: l * r, mod: r === 0n ? null : l % r }[op]
          const evaluate = () =>
            cellsOf(col('l')[op as 'add'](col('r')), pair, [{ l: given(l), r: given(r) }])[0]
          if (exact === null || exact === undefined || exact < min || exact > max) {
            expect(evaluate).toThrow('OVERFLOW')
          } else expect(evaluate()).toBe(given(exact))
        }),
      )
    })
  }
})

describe('rounding', () => {
  const rounded = (value: number, digits?: number) => one(c.f.round(digits), { f: value })

  test('halves go away from zero', () => {
    expect([0.5, 1.5, 2.5, -0.5, -2.5, 2.4, -2.6].map(v => rounded(v))).toEqual([
      1, 2, 3, -1, -3, 2, -3,
    ])
    expect(rounded(0.49999999999999994)).toBe(0)
    expect(rounded(-0.2)).toBe(0)
    expect(rounded(2 ** 52 + 1)).toBe(2 ** 52 + 1)
    expect(rounded(Number.NEGATIVE_INFINITY)).toBe(Number.NEGATIVE_INFINITY)
    expect(rounded(Number.NaN)).toBe(Number.NaN)
  })

  test('digits go by the exact value of the double', () => {
    expect(rounded(1.25, 1)).toBe(1.3)
    expect(rounded(-1.25, 1)).toBe(-1.3)
    expect(rounded(1.005, 2)).toBe(1)
    expect(rounded(1234.5678, 3)).toBe(1234.568)
  })

  test('floor and ceil; whole kinds stay as they are', () => {
    expect([one(c.f.floor()), one(c.f.ceil()), one(c.f.neg().floor())]).toEqual([2, 3, -3])
    expect([one(c.i.round(2)), one(c.s.floor()), one(untyped(c.b).ceil())]).toEqual([7, 20, 30n])
    expect(typeOf(c.i.floor())).toBe('int32')
  })

  test('digits are checked at the line', () => {
    expect(() => c.f.round(1.5)).toThrow('INVALID_ARGUMENT: round takes 0 to 15 digits; got 1.5.')
    expect(() => c.f.round(-1)).toThrow('got -1')
  })
})

describe('times', () => {
  test('time - time is milliseconds, time ± whole milliseconds is a time', () => {
    expect(one(c.ts.sub(c.nts), { nts: 1_700_000_000_000 })).toBe(123)
    expect(typeOf(c.ts.sub(c.nts))).toBe('int64 as number?')
    expect(typeOf(c.ts.add(c.i))).toBe('timestamp')
    expect(one(c.ts.add(c.i))).toBe(1_700_000_000_130)
    expect(one(lit(1000).add(c.ts))).toBe(1_700_000_001_123)
    expect(one(c.ts.sub(col('b')))).toBe(1_700_000_000_093)
    expect(one(c.ts.add(col('any')))).toBe(1_700_000_000_127)
    expect(one(c.ts.add(c.ni))).toBe(null)
    expect(one(c.nts.add(5))).toBe(null)
  })

  test('what has no meaning is refused', () => {
    expect(() => c.ts.add(c.ts)).toThrow('add needs numbers; ts is timestamp.')
    expect(() => c.i.sub(c.ts)).toThrow('sub needs numbers; ts is timestamp.')
    expect(() => c.ts.mul(2)).toThrow('Times can be subtracted')
    expect(() => c.ts.add(c.f)).toThrow('add needs whole milliseconds beside a time; f is float64.')
    expect(() => c.ts.add(0.5)).toThrow('add needs whole milliseconds beside a time')
    expect(() => untyped(c.ts).add(c.text)).toThrow(
      'add needs milliseconds beside a time; text is string.',
    )
  })
})

test('a json operand is checked record by record', () => {
  expect(one(col('any').mul(2).add(col('any')))).toBe(12)
  expect(one(col('any').mul(2), { any: null })).toBe(null)
  expect(() => one(col('any').mul(2), { any: '4' })).toThrow(
    'TYPE_MISMATCH: any as float64: expected a number, got "4".',
  )
})
