import { expect, test } from 'vitest'
import { t } from '../schema/data-type.ts'
import { schema } from '../schema/schema.ts'
import { cellsOf } from '../testing/cells-of.ts'
import { coalesce, nullIf } from './coalesce.ts'
import { columnsOf } from './columns.ts'

const S = schema({ a: t.float64().nullable(), b: t.float64().nullable(), n: t.int32() })
const c = columnsOf(S)

test('coalesce takes the first that is there', () => {
  const rows = [
    { a: 1, b: 2, n: 0 },
    { a: null, b: 2, n: 0 },
    { a: null, b: null, n: 0 },
  ]
  expect(cellsOf(coalesce(c.a, c.b, 9), S, rows)).toEqual([1, 2, 9])
  expect(cellsOf(coalesce(c.a, c.b), S, rows)).toEqual([1, 2, null])
  expect(() => (coalesce as () => unknown)()).toThrow(
    'INVALID_ARGUMENT: coalesce needs at least one',
  )
})

test('nullIf guards a division', () => {
  const rows = [
    { a: 6, b: null, n: 2 },
    { a: 6, b: null, n: 0 },
    { a: null, b: null, n: 1 },
  ]
  expect(cellsOf(c.a.div(nullIf(c.n, 0)), S, rows)).toEqual([3, null, null])
  expect(cellsOf(nullIf(c.a, c.b), S, rows)).toEqual([6, 6, null])
  expect(`${nullIf(c.n, 0).toExpr(S).type}`).toBe('int32?')
  expect(() => nullIf(c.n, 'x' as never)).toThrow('TYPE_MISMATCH: eq needs two values of one type')
})
