import fc from 'fast-check'
import { expect, test } from 'vitest'
import { t } from '../../schema/data-type.ts'
import { schema } from '../../schema/schema.ts'
import { cellsOf } from '../../testing/cells-of.ts'
import { col } from '../col.ts'
import { columnsOf } from '../columns.ts'
import type { Expression } from '../expression.ts'
import type { AnyExpression } from '../facets.ts'

const S = schema({
  s: t.string(),
  other: t.string(),
  ns: t.string().nullable(),
  bytes: t.bytes(),
  n: t.int32(),
  any: t.json(),
})
const c = columnsOf(S)
const ROW = { s: ' Straße ', other: 'Str', bytes: Uint8Array.of(1, 2, 3), n: 1, any: 'abc' }
const one = (expression: Expression, row: object = {}) =>
  cellsOf(expression, S, [{ ...ROW, ...row }])[0]

test('each function', () => {
  expect(one(c.s.upper())).toBe(' STRASSE ')
  expect(one(c.s.lower())).toBe(' straße ')
  expect(one(c.s.trim())).toBe('Straße')
  expect(one(c.s.trim().length())).toBe(6)
  expect(one(c.s.concat('-', c.other, '!'))).toBe(' Straße -Str!')
  expect([one(c.s.startsWith(' S')), one(c.s.startsWith(c.other))]).toEqual([true, false])
  expect([one(c.s.trim().startsWith(c.other)), one(c.s.endsWith('e '))]).toEqual([true, true])
  expect([one(c.s.contains(c.other)), one(c.s.contains('x'))]).toEqual([true, false])
  expect(one(c.bytes.length())).toBe(3)
})

test('types of results', () => {
  const typeOf = (expression: Expression) => `${expression.toExpr(S).type}`
  expect(typeOf(c.s.length())).toBe('int32')
  expect(typeOf(c.ns.length())).toBe('int32?')
  expect(typeOf(c.s.concat(c.ns))).toBe('string?')
  expect(typeOf(c.ns.contains('a'))).toBe('boolean?')
})

test('null in, null out', () => {
  for (const f of ['upper', 'lower', 'trim', 'length'] as const) expect(one(c.ns[f]())).toBe(null)
  for (const f of ['startsWith', 'endsWith', 'contains'] as const) {
    expect([one(c.ns[f]('a')), one(c.s[f](c.ns))]).toEqual([null, null])
  }
  expect([one(c.ns.concat('a')), one(c.s.concat('a', c.ns))]).toEqual([null, null])
})

test('length counts code points', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), s => {
      expect(one(c.s.length(), { s })).toBe([...s].length)
    }),
  )
  expect(one(c.s.length(), { s: '👩‍👧' })).toBe(3)
})

test('json must hold text; other types are refused', () => {
  expect(one(col('any').upper())).toBe('ABC')
  expect(() => one(col('any').upper(), { any: 5 })).toThrow(
    'TYPE_MISMATCH: any as string: expected text, got 5.',
  )
  expect(() => (c.n as unknown as AnyExpression).upper()).toThrow(
    'TYPE_MISMATCH: upper needs text; n is int32. Convert it first: .as(t.string()).',
  )
  expect(() => (c.s as unknown as AnyExpression).concat(5)).toThrow(
    'concat needs text; 5 is float64.',
  )
})
