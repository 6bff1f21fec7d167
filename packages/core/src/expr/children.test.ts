import { expect, test } from 'vitest'
import { t } from '../schema/data-type.ts'
import { schema } from '../schema/schema.ts'
import { callsFunction, childrenOf } from './children.ts'
import { columnsOf } from './columns.ts'
import type { Expr } from './expr.ts'
import type { Expression } from './expression.ts'
import { printExpr } from './print.ts'
import { when } from './when.ts'

const S = schema({ a: t.int32(), flag: t.boolean() })
const c = columnsOf(S)
const children = (expression: Expression) => childrenOf(expression.toExpr(S)).map(printExpr)

test('the parts of each kind of node, in the order of its text', () => {
  expect(children(c.a)).toEqual([])
  expect(children(c.a.add(1))).toEqual(['a', '1'])
  expect(children(c.a.as(t.string()))).toEqual(['a'])
  expect(children(when(c.flag).then(1).when(c.a.gt(2)).then(c.a).otherwise(3))).toEqual([
    'flag',
    '1',
    'a > 2',
    'a',
    '3',
  ])
  const apply: Expr = { kind: 'function', apply: () => 1, label: 'f', type: t.json() }
  expect(childrenOf(apply)).toEqual([])
})

test('a function is found at any depth', () => {
  const apply: Expr = { kind: 'function', apply: () => 1, label: 'f', type: t.int32() }
  const isPart: Expr = { kind: 'cast', input: apply, type: t.int64() }
  expect([apply, isPart, c.a.add(1).toExpr(S)].map(callsFunction)).toEqual([true, true, false])
})
