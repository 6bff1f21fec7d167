import { describe, expect, test } from 'vitest'
import { t } from '../schema/data-type.ts'
import { schema } from '../schema/schema.ts'
import { col } from './col.ts'
import { columnsOf } from './columns.ts'
import { Expression } from './expression.ts'
import type { AnyExpression } from './facets.ts'
import { asExpression, call, columnExpression, joined } from './fluent-expression.ts'

const S = schema({ amount: t.float64(), note: t.string().nullable() })
const c = columnsOf(S)

describe('checked as soon as one operand is tied to a schema', () => {
  test('on the left, on the right, and inside', () => {
    expect(() => c.amount.add(col('nothing'))).toThrow('UNKNOWN_COLUMN')
    expect(() => col('nothing').add(c.amount)).toThrow('UNKNOWN_COLUMN')
    expect(() => col('note').mul(2).add(c.amount)).toThrow('TYPE_MISMATCH: mul needs numbers; note')
  })

  test('not before', () => {
    const later = col('note').mul(2).gt(col('nothing'))
    expect(Expression.schemaOf(later)).toBe(null)
    expect(() => later.toExpr(S)).toThrow('TYPE_MISMATCH')
  })
})

test('composed methods are made of the functions of the table', () => {
  const text = (expression: Expression) => `${expression}`
  expect(text(c.amount.between(1, 5))).toBe('amount >= 1 and amount <= 5')
  expect(text(c.note.fillNull('-'))).toBe(`coalesce(note, '-')`)
})

test('what is no operand is refused at the line', () => {
  const amount = c.amount as unknown as AnyExpression
  expect(() => amount.gt(undefined as never)).toThrow('Is a variable or a column name misspelt?')
  expect(() => amount.gt((() => 1) as never)).toThrow('INVALID_ARGUMENT: a function cannot be part')
  expect(() => amount.as('float64' as never)).toThrow(
    'INVALID_ARGUMENT: as takes a type such as t.float64(); got "float64".',
  )
})

test('expressions do not change: each call makes a new one', () => {
  const before = `${c.amount}`
  expect(c.amount.add(1)).not.toBe(c.amount)
  expect(`${c.amount}`).toBe(before)
})

test('the builders used by other files', () => {
  expect(asExpression(c.amount)).toBe(c.amount)
  expect(`${asExpression(5)}`).toBe('5')
  expect(`${call('gt', col('a'), 1)}`).toBe('cast(a as float64) > 1')
  expect(Expression.schemaOf(columnExpression(S, 'note'))).toBe(S)
  expect(Expression.schemaOf(joined([1, c.amount], args => args[1] as never))).toBe(S)
})
