import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { t } from '../../schema/data-type.ts'
import { schema } from '../../schema/schema.ts'
import { cellsOf } from '../../testing/cells-of.ts'
import { col } from '../col.ts'
import { columnsOf } from '../columns.ts'
import type { Expression } from '../expression.ts'
import type { AnyExpression } from '../facets.ts'

const Flags = schema({
  a: t.boolean().nullable(),
  b: t.boolean().nullable(),
  sure: t.boolean(),
  n: t.int32(),
  any: t.json().nullable(),
})
const c = columnsOf(Flags)
type Truth = boolean | null
const TRUTHS: readonly Truth[] = [true, false, null]
const at = (expression: Expression, row: Record<string, Truth | string | number>) =>
  cellsOf(expression, Flags, [{ sure: true, n: 1, ...row }])[0]

describe('three-valued logic', () => {
  const and = [true, false, null, false, false, false, null, false, null]
  const or = [true, true, true, true, false, null, true, null, null]
  for (const [i, a] of TRUTHS.entries()) {
    for (const [j, b] of TRUTHS.entries()) {
      test(`${a} and/or ${b}`, () => {
        expect(at(c.a.and(c.b), { a, b })).toBe(and[i * 3 + j])
        expect(at(c.a.or(c.b), { a, b })).toBe(or[i * 3 + j])
      })
    }
    test(`not ${a}`, () => expect(at(c.a.not(), { a })).toBe(a === null ? null : !a))
  }

  test('the result is nullable only when an operand is', () => {
    expect(`${c.sure.and(c.sure).toExpr(Flags).type}`).toBe('boolean')
    expect(`${c.sure.and(c.a).toExpr(Flags).type}`).toBe('boolean?')
  })
})

/** SQL's own definition: unknown stands for either; a result is known when both choices give it. */
function bySubstitution(formula: (a: boolean, b: boolean) => boolean, a: Truth, b: Truth): Truth {
  const choices = (value: Truth) => (value === null ? [true, false] : [value])
  const results = new Set(choices(a).flatMap(x => choices(b).map(y => formula(x, y))))
  return results.size === 1 ? (results.values().next().value as boolean) : null
}

test('and, or agree with the meaning of unknown; De Morgan holds', () => {
  const truth = fc.constantFrom(...TRUTHS)
  fc.assert(
    fc.property(truth, truth, (a, b) => {
      expect(at(c.a.and(c.b), { a, b })).toBe(bySubstitution((x, y) => x && y, a, b))
      expect(at(c.a.or(c.b), { a, b })).toBe(bySubstitution((x, y) => x || y, a, b))
      expect(at(c.a.and(c.b).not(), { a, b })).toBe(at(c.a.not().or(c.b.not()), { a, b }))
    }),
  )
})

test('the left side guards the right: what does not decide is not evaluated', () => {
  const failing = c.n.mod(0).eq(1)
  expect(at(c.a.and(failing), { a: false })).toBe(false)
  expect(at(c.a.or(failing), { a: true })).toBe(true)
  expect(() => at(c.a.and(failing), { a: true })).toThrow('OVERFLOW')
  expect(() => at(c.a.and(failing), { a: null })).toThrow('OVERFLOW')
})

test('json must hold true or false', () => {
  expect(at(col('any').and(c.sure), { any: true })).toBe(true)
  expect(at(col('any').not(), { any: null })).toBe(null)
  expect(() => at(col('any').not(), { any: 'yes' })).toThrow(
    'TYPE_MISMATCH: any as boolean: expected true or false, got "yes".',
  )
})

test('other types are refused at the line', () => {
  expect(() => c.a.and(c.n as unknown as AnyExpression)).toThrow(
    'TYPE_MISMATCH: and needs true or false; n is int32. Convert it first: .as(t.boolean()).',
  )
  expect(() => (c.n as unknown as AnyExpression).not()).toThrow('not needs true or false')
})
