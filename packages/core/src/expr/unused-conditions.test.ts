import { expect, test } from 'vitest'
import { t } from '../schema/data-type.ts'
import { schema } from '../schema/schema.ts'
import { coalesce } from './coalesce.ts'
import { columnsOf } from './columns.ts'
import { watchCallback } from './unused-conditions.ts'
import { when } from './when.ts'

const c = columnsOf(schema({ a: t.float64(), b: t.string().nullable(), flag: t.boolean() }))

function left(callback: () => unknown): string[] {
  const { result, made } = watchCallback(callback)
  return [...made].filter(expression => expression !== result).map(String)
}

test('the left side of && is left over', () => {
  expect(left(() => c.a.gt(1) && c.b.isNull())).toEqual(['a > 1'])
  expect(left(() => c.a.gt(1) && c.b.isNull() && c.flag)).toEqual(['a > 1', 'b is null'])
})

test('nothing is left of what stands in the result', () => {
  expect(left(() => c.a.gt(1).and(c.b.isNull()).or(c.flag.not()))).toEqual([])
  expect(left(() => c.a.between(1, c.a.mul(2)))).toEqual([])
  expect(left(() => coalesce(c.b, c.b.upper()).isIn(['x']))).toEqual([])
  expect(left(() => when(c.a.gt(1)).then(1).when(c.flag.not()).then(2).otherwise(c.a))).toEqual([])
})

test('a callback inside of another has its own account, and a failing one leaves none', () => {
  const outer = left(() => {
    const condition = c.a.gt(1)
    expect(left(() => c.a.lt(5) && c.flag)).toEqual(['a < 5'])
    expect(() => watchCallback(() => c.a.lt('x' as never))).toThrow('TYPE_MISMATCH')
    return condition.and(c.flag)
  })
  expect(outer).toEqual([])
  expect(left(() => c.flag)).toEqual([])
})
