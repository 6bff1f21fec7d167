import { expect, test } from 'vitest'
import { t } from '../schema/data-type.ts'
import { schema } from '../schema/schema.ts'
import { batchOfRows } from '../testing/batch-of-rows.ts'
import { cellsOf } from '../testing/cells-of.ts'
import { callExpr } from './build.ts'
import { columnsOf } from './columns.ts'
import { evaluator } from './evaluate.ts'
import type { Expr, FunctionExpr } from './expr.ts'
import { lit } from './lit.ts'
import { printExpr } from './print.ts'
import { substitute } from './substitute.ts'
import { when } from './when.ts'

const Before = schema({ price: t.float64(), count: t.int32() })
const After = schema({ total: t.float64(), count: t.int32(), five: t.float64() })
const before = columnsOf(Before)
const after = columnsOf(After)
const projection: Readonly<Record<string, Expr>> = {
  total: before.price.mul(before.count).toExpr(Before),
  five: lit(5).toExpr(Before),
}
const replaced = (expr: Expr) => substitute(expr, name => projection[name] ?? null) as Expr

test('a predicate over a projection becomes one over its input, with the same results', () => {
  const above = when(after.total.gt(10)).then(after.count.as(t.string())).otherwise('few')
  const expr = replaced(above.toExpr(After))
  expect(printExpr(expr)).toBe(
    `case when price * count > 10 then cast(count as string) else 'few' end`,
  )
  const read = evaluator(expr)(
    batchOfRows(Before, [
      { price: 6, count: 2 },
      { price: 1, count: 1 },
    ]),
  )
  expect([read(0), read(1)]).toEqual(
    cellsOf(above, After, [
      { total: 12, count: 2, five: 5 },
      { total: 1, count: 1, five: 5 },
    ]),
  )
})

test('types stay, also where a literal comes in that would have adapted', () => {
  const sum = after.five.add(after.count).toExpr(After)
  expect(`${sum.type} ${replaced(sum).type}`).toBe('float64 float64')
  expect(Object.isFrozen(replaced(sum))).toBe(true)
})

test('a function has no columns to replace', () => {
  const all: FunctionExpr = { kind: 'function', apply: () => 1, label: 'f', type: t.int32() }
  expect(substitute(all, () => null)).toBe(null)
  expect(substitute(callExpr('neg', [all]), () => null)).toBe(null)
})

test('a replacement of another type is a bug of ours', () => {
  expect(() => substitute(after.count.toExpr(After), () => lit('x').toExpr(After))).toThrow(
    'INTERNAL',
  )
})
