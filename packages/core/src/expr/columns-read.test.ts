import { expect, test } from 'vitest'
import { t } from '../schema/data-type.ts'
import { schema } from '../schema/schema.ts'
import { callExpr } from './build.ts'
import { coalesce } from './coalesce.ts'
import { columnsOf } from './columns.ts'
import { columnsRead } from './columns-read.ts'
import type { FunctionExpr } from './expr.ts'
import { when } from './when.ts'

const S = schema({ a: t.int32(), b: t.int32(), d: t.int32(), flag: t.boolean(), unused: t.int32() })
const c = columnsOf(S)

test('every column once, in order of appearance, in every kind of node', () => {
  const expression = when(c.flag.and(c.b.gt(1)))
    .then(c.a.as(t.float64()))
    .otherwise(coalesce(c.d, c.a))
  expect(columnsRead(expression.toExpr(S))).toEqual(['flag', 'b', 'a', 'd'])
  expect(columnsRead(callExpr('add', [c.a.toExpr(S), c.a.toExpr(S)]))).toEqual(['a'])
  expect(columnsRead(callExpr('neg', [columnsOf(S).b.toExpr(S)]))).toEqual(['b'])
})

test('a function reads all, wherever it stands', () => {
  const all: FunctionExpr = { kind: 'function', apply: () => 1, label: 'f', type: t.int32() }
  expect(columnsRead(all)).toBe('all')
  expect(columnsRead(callExpr('add', [c.a.toExpr(S), all]))).toBe('all')
})
