import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import { t } from '../schema/data-type.ts'
import { schema } from '../schema/schema.ts'
import { col } from './col.ts'
import { columnsOf } from './columns.ts'
import { Expression } from './expression.ts'

const S = schema({ amount: t.float64(), note: t.string() })

test('an unbound expression takes its types from the schema it is used with', () => {
  const doubled = col('amount').mul(2)
  expect(`${doubled.toExpr(S).type}`).toBe('float64')
  expect(`${doubled.toExpr(schema({ amount: t.int32() })).type}`).toBe('int32')
  expect(Expression.schemaOf(doubled)).toBe(null)
  expect(() => doubled.toExpr(schema({ amuont: t.int32() }))).toThrow(
    'UNKNOWN_COLUMN: column "amount" is not in the frame; columns are amuont. ' +
      'Did you mean "amuont"?',
  )
})

test('one of columns is tied to their schema and resolved once', () => {
  const bound = columnsOf(S).amount.gt(1)
  expect(Expression.schemaOf(bound)).toBe(S)
  expect(bound.toExpr(S)).toBe(bound.toExpr(S))
  expect(Object.isFrozen(bound.toExpr(S))).toBe(true)
})

test('shows its text where a text is wanted', () => {
  expect(`${columnsOf(S).amount.gt(50)}`).toBe('amount > 50')
  expect(inspect(columnsOf(S).amount.add(1))).toBe('Expression(amount + 1)')
  expect(`${col('note').eq('x')}`).toBe(`cast(note as string) = 'x'`)
  expect(String(col('a').get('b').fillNull('x').fillNull(1))).toBe(
    '(an expression that fits no schema)',
  )
})

test("JavaScript's operators are refused, with the way out", () => {
  const amount = columnsOf(S).amount as unknown as number
  const text =
    'INVALID_ARGUMENT: amount is an expression, not a value: ' +
    'operators such as > + === do not work on it. ' +
    'Use its methods: .gt(x), .add(x), .eq(x), .and(x).'
  expect(() => amount > 50).toThrow(text)
  expect(() => amount + 1).toThrow(text)
  expect(() => amount * 2).toThrow(text)
})

test('a mistake is thrown at the line that wrote it', () => {
  const c = columnsOf(S) as unknown as Record<string, { mul(x: unknown): unknown }>
  const thrown = (run: () => unknown): Error => {
    try {
      run()
    } catch (error) {
      return error as Error
    }
    throw new Error('nothing was thrown')
  }
  for (const run of [
    () => c['note']?.mul(2),
    () => c['amuont'],
    () => c['amount']?.mul(undefined),
  ]) {
    const firstFrame = thrown(run)
      .stack?.split('\n')
      .find(line => line.startsWith('    at '))
    expect(firstFrame).toContain('expression.test.ts')
  }
})
