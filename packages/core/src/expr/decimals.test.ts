/** Decimals in expressions, from a column and what stands beside it to type and cell. */
import { describe, expect, test } from 'vitest'
import { type DataType, t } from '../schema/data-type.ts'
import { schema } from '../schema/schema.ts'
import { cellsOf } from '../testing/cells-of.ts'
import { coalesce } from './coalesce.ts'
import { columnsOf } from './columns.ts'
import type { AnyExpression } from './facets.ts'
import { lit } from './lit.ts'
import { when } from './when.ts'

const S = schema({
  price: t.decimal(9, 2),
  rate: t.decimal(5, 4),
  whole: t.decimal(38),
  fine: t.decimal(38, 38),
  none: t.decimal(9, 2).nullable(),
  n: t.int32(),
  big: t.int64(),
  real: t.float64(),
  text: t.string(),
  any: t.json(),
})
const ROW = {
  ...{ price: '12.30', rate: '0.0825', whole: '9'.repeat(38), fine: `0.${'1'.repeat(38)}` },
  ...{ none: null, n: 3, big: 2n ** 63n - 1n, real: 0.5, text: '1.5', any: 12.3 },
} as const
const c = columnsOf(S) as unknown as Record<keyof typeof ROW, AnyExpression>

const typeOf = (expression: unknown) => String((expression as AnyExpression).toExpr(S).type)
const cellOf = (expression: unknown) => cellsOf(expression as AnyExpression, S, [ROW])[0]

describe('arithmetic', () => {
  test.each([
    ['a sum', () => c.price.add(c.rate), 'decimal(12, 4)', '12.3825'],
    ['a difference', () => c.rate.sub(c.price), 'decimal(12, 4)', '-12.2175'],
    ['a product', () => c.price.mul(c.rate), 'decimal(14, 6)', '1.014750'],
    ['a number in front', () => lit(100).mul(c.price as never), 'decimal(12, 2)', '1230.00'],
    ['text', () => c.price.add('0.005'), 'decimal(11, 3)', '12.305'],
    ['an int32', () => c.price.mul(c.n), 'decimal(19, 2)', '36.90'],
    ['an int64', () => c.price.add(c.big), 'decimal(22, 2)', '9223372036854775819.30'],
    ['a minus', () => c.price.neg(), 'decimal(9, 2)', '-12.30'],
    ['a size', () => c.price.sub(20).abs(), 'decimal(10, 2)', '7.70'],
    ['null', () => c.price.add(c.none), 'decimal(10, 2)?', null],
    ['to the nearest', () => c.price.mul(c.rate).round(2), 'decimal(11, 2)', '1.01'],
    ['halves away from zero', () => c.price.mul('-0.5').round(2), 'decimal(10, 2)', '-6.15'],
    ['a half', () => c.price.mul('-0.05').round(2), 'decimal(10, 2)', '-0.62'],
    ['no digits to round', () => c.price.round(5), 'decimal(9, 2)', '12.30'],
    ['down', () => c.price.neg().floor(), 'decimal(8, 0)', '-13'],
    ['up', () => c.price.neg().ceil(), 'decimal(8, 0)', '-12'],
  ])('%s', (_, make, type, cell) => {
    expect(typeOf(make())).toBe(type)
    expect(cellOf(make())).toBe(cell)
  })

  test('digits are never cut off: beyond 38 it is an error of the record', () => {
    expect(typeOf(c.whole.add(1))).toBe('decimal(38, 0)')
    expect(() => cellOf(c.whole.add(1))).toThrow(
      `OVERFLOW: whole + 1: 1${'0'.repeat(38)} is outside decimal(38, 0)`,
    )
    expect(cellOf(c.whole.sub(1))).toBe(`${'9'.repeat(37)}8`)
    expect(() => c.fine.mul(c.rate)).toThrow(
      'TYPE_MISMATCH: mul needs decimals of at most 38 digits behind the point together; fine is',
    )
  })

  test.each([
    [
      'a fraction',
      () => c.price.add(0.5),
      'add needs decimals; 0.5 is float64. Write it as text, ',
    ],
    ['a double', () => c.price.add(c.real), 'add needs decimals; real is float64. Convert one'],
    ['a time', () => c.price.add(lit(new Date(0)) as never), 'add needs decimals; timestamp'],
    ['a text column', () => c.price.add(c.text), 'add needs decimals; text is string'],
    ['text that is no number', () => c.price.add('x'), "add needs decimals; 'x' is string"],
    ['division', () => c.price.div(2), 'div needs numbers; price is decimal(9, 2)'],
    ['the rest', () => c.price.mod(2), 'mod needs numbers; price is decimal(9, 2)'],
  ])('%s is refused at its line', (_, make, message) => {
    expect(make).toThrow(`TYPE_MISMATCH: ${message}`)
  })
})

describe('comparisons', () => {
  test.each([
    ['text of more digits', () => c.price.eq('12.3000'), true],
    ['by size, not by text', () => c.price.gt('9.5'), true],
    ['a whole number', () => c.price.lt(13), true],
    ['a bigint', () => c.price.gte(13n), false],
    ['another scale', () => c.price.ne(c.rate), true],
    ['a whole column', () => c.price.gt(c.n), true],
    ['beyond 64 bits', () => c.whole.gt(c.big), true],
    ['between', () => c.price.between('12.299', '12.301'), true],
    ['one of a list', () => c.price.isIn(['1', 12.3 as never, '12.300'].slice(2)), true],
    ['none of a list', () => c.price.isIn(['12.301', '12345678901', 12]), false],
    ['json beside it', () => c.price.eq(c.any), true],
    ['null', () => c.price.eq(c.none), null],
  ])('%s', (_, make, cell) => {
    expect(cellOf(make())).toBe(cell)
  })

  test('doubles are refused', () => {
    expect(() => c.price.gt(9.5)).toThrow("Write it as text, which is exact: '9.5'.")
    expect(() => c.price.gt(c.real)).toThrow('gt needs decimals; real is float64')
  })
})

test('branches and what fills nulls have one type for all', () => {
  const chosen = when(c.n.gt(5) as never)
    .then(c.price as never)
    .otherwise(c.rate as never)
  expect(typeOf(chosen)).toBe('decimal(11, 4)')
  expect(cellOf(chosen)).toBe('0.0825')
  expect(typeOf(c.none.fillNull(0))).toBe('decimal(9, 2)')
  expect(cellOf(c.none.fillNull(0))).toBe('0.00')
  expect(cellOf(coalesce(c.none as never, c.rate as never))).toBe('0.0825')
  expect(() => coalesce(c.whole as never, c.fine as never)).toThrow(
    'coalesce needs decimals of at most 38 digits together',
  )
})

describe('conversions are exact, or an error of the record', () => {
  test.each([
    ['more digits', () => c.price.as(t.decimal(38, 10)), '12.3000000000'],
    ['fewer digits that say nothing', () => c.price.as(t.decimal(3, 1)), '12.3'],
    ['text', () => c.price.as(t.string()), '12.30'],
    ['a double, the nearest', () => c.rate.as(t.float64()), 0.0825],
    ['from text', () => c.text.as(t.decimal(2, 1)), '1.5'],
    ['from int32', () => c.n.as(t.decimal(3, 2)), '3.00'],
    ['from int64', () => c.big.as(t.decimal(19)), '9223372036854775807'],
    ['from a double, by its text', () => c.real.as(t.decimal(3, 2)), '0.50'],
    ['from json', () => c.any.as(t.decimal(9, 2)), '12.30'],
    ['to json', () => c.price.as(t.json()), '12.30'],
    ['to a whole number', () => c.n.as(t.decimal(9, 2)).as(t.int32()), 3],
    ['null', () => c.none.as(t.decimal(3, 1)), null],
  ])('%s', (_, make, cell) => {
    expect(cellOf(make())).toBe(cell)
  })

  test.each([
    [
      'digits behind',
      () => c.rate.as(t.decimal(5, 2)),
      'TYPE_MISMATCH: rate as decimal(5, 2): exp',
    ],
    [
      'digits in front',
      () => c.price.as(t.decimal(3, 2)),
      'OVERFLOW: price as decimal(3, 2): expec',
    ],
    ['a fraction', () => c.price.as(t.int32()), 'TYPE_MISMATCH: price as int32: expected a whole'],
    ['a long whole number', () => c.whole.as(t.int64()), 'OVERFLOW: whole as int64'],
    ['other text', () => c.price.as(t.string()).concat('x').as(t.decimal(9, 2)), "such as '12.30'"],
  ])('%s', (_, make, message) => {
    expect(() => cellOf(make())).toThrow(message)
  })

  test.each<DataType>([t.boolean(), t.timestamp(), t.bytes()])('there is none to %s', type => {
    expect(() => c.price.as(type)).toThrow('price is decimal(9, 2) and cannot become')
  })
})
