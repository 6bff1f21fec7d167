import { expect, test } from 'vitest'
import { isNullLiteral, isWholeLiteral, literalExpr } from './literal.ts'

test('the type of a literal is that of the JavaScript value', () => {
  const date = new Date(1.7e12)
  const given = ['a', 1, 1n, true, date, Uint8Array.of(1), null].map(value => {
    const { type, value: cell } = literalExpr(value)
    return [`${type}`, cell]
  })
  expect(given).toEqual([
    ['string', 'a'],
    ['float64', 1],
    ['int64', 1n],
    ['boolean', true],
    ['timestamp', 1.7e12],
    ['bytes', Uint8Array.of(1)],
    ['json?', null],
  ])
})

test('a literal does not change afterwards', () => {
  const bytes = Uint8Array.of(1)
  const literal = literalExpr(bytes)
  bytes[0] = 9
  expect(literal.value).toEqual(Uint8Array.of(1))
  expect(Object.isFrozen(literal)).toBe(true)
})

test('a lone surrogate is what UTF-8 makes of it', () => {
  expect(literalExpr('a\ud800b').value).toBe('a\ufffdb')
  expect(literalExpr('😀').value).toBe('😀')
})

test('what is no value is refused, with a guess at the mistake', () => {
  expect(() => literalExpr(undefined)).toThrow(
    'INVALID_ARGUMENT: nothing cannot be part of an expression: ' +
      'a value is text, a number, bigint, ' +
      'boolean, Date, Uint8Array or null. Is a variable or a column name misspelt?',
  )
  expect(() => literalExpr({ a: 1 })).toThrow('an object cannot be part of an expression')
  expect(() => literalExpr(new Date(Number.NaN))).toThrow('an invalid Date')
  expect(() => literalExpr(2n ** 63n)).toThrow('a bigint must be within 64 bits')
})

test('whole numbers and nulls adapt to their neighbours', () => {
  expect([1, -0, 2 ** 53 - 1].every(value => isWholeLiteral(literalExpr(value)))).toBe(true)
  expect([1.5, 2 ** 53, 1n, 'a'].some(value => isWholeLiteral(literalExpr(value)))).toBe(false)
  expect([null, 1].map(value => isNullLiteral(literalExpr(value)))).toEqual([true, false])
})
