import { expect, test } from 'vitest'
import { Expression } from '../expr/expression.ts'
import { t } from '../schema/data-type.ts'
import { type Schema, schema } from '../schema/schema.ts'
import { isAggregateCall, resolveAggregate } from './aggregate-call.ts'
import { count, max, mean, min, sum } from './index.ts'

const Purchase = schema({
  user_id: t.string(),
  amount: t.float64(),
  items: t.int32(),
  total: t.int64(),
  when: t.timestamp(),
  paid: t.boolean(),
})

/** The column of a name, tied to a schema or not. */
function column<T>(name: string, of: Schema | null = null): Expression<T> {
  return new Expression<T>(rows => ({ kind: 'column', name, type: rows.typeOf(name) }), of)
}

test('an aggregate resolves to its input and the type of its result', () => {
  const resolve = (call: Parameters<typeof resolveAggregate>[0]): string => {
    const { aggregate, input, type } = resolveAggregate(call, Purchase)
    return `${aggregate.name}(${input === null ? '' : input.type}): ${type}`
  }
  expect(resolve(count())).toBe('count(): int64 as number')
  expect(resolve(count(column('user_id')))).toBe('count(string): int64 as number')
  expect(resolve(sum(column<number>('amount')))).toBe('sum(float64): float64?')
  expect(resolve(sum(column<number>('items')))).toBe('sum(int32): int64 as number?')
  expect(resolve(sum(column<bigint>('total')))).toBe('sum(int64): int64?')
  expect(resolve(mean(column<bigint>('total')))).toBe('mean(int64): float64?')
  expect(resolve(min(column<string>('user_id')))).toBe('min(string): string?')
  expect(resolve(max(column<number>('when')))).toBe('max(timestamp): timestamp?')
})

test('a type that does not fit is refused, at once where the columns are known', () => {
  expect(() => sum(column<number>('user_id', Purchase))).toThrow(
    /TYPE_MISMATCH: sum needs a column of type int32, .* got string\. Convert.*column "user_id"/,
  )
  const unbound = mean(column<number>('paid'))
  expect(() => resolveAggregate(unbound, Purchase)).toThrow('mean needs a column of type')
  expect(() => resolveAggregate(sum(column<number>('when')), Purchase)).toThrow('got timestamp')
  expect(() => resolveAggregate(sum(column<number>('amuont')), Purchase)).toThrow('"amount"')
})

test('what is no expression is refused, undefined too', () => {
  const js = sum as (input?: unknown) => unknown
  expect(() => js('amount')).toThrow(
    'sum needs an expression such as c.amount or col(\'amount\'); got the string "amount".',
  )
  expect(() => js(undefined)).toThrow('got undefined')
  expect(() => (count as (input?: unknown) => unknown)(undefined)).toThrow('count needs an expr')
  expect(() => (min as (input?: unknown) => unknown)(null)).toThrow('got null')
})

test('calls are told from other values', () => {
  expect(isAggregateCall(count())).toBe(true)
  for (const other of [null, undefined, 1, {}, column('amount'), { kind: 'column' }]) {
    expect(isAggregateCall(other)).toBe(false)
  }
})
