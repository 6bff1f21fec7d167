import { expect, test } from 'vitest'
import { t } from '../schema/data-type.ts'
import { schema } from '../schema/schema.ts'
import { cellsOf } from '../testing/cells-of.ts'
import { col } from './col.ts'
import { columnsOf } from './columns.ts'
import { when } from './when.ts'

const S = schema({ n: t.int32(), f: t.float64(), flag: t.boolean().nullable(), any: t.json() })
const c = columnsOf(S)
const ROW = { n: 1, f: 0.5, flag: true, any: true }

test('the first true branch; false and null go on', () => {
  const size = when(c.n.gt(9)).then('large').when(c.flag).then('flagged').otherwise('other')
  const rows = [{ ...ROW, n: 10 }, ROW, { ...ROW, flag: false }, { ...ROW, flag: null }]
  expect(cellsOf(size, S, rows)).toEqual(['large', 'flagged', 'other', 'other'])
})

test('only the chosen value is evaluated, and conditions only until one is true', () => {
  const failing = c.n.mod(0)
  const guarded = when(c.n.gt(0)).then(1).when(failing.gt(0)).then(failing).otherwise(failing)
  expect(cellsOf(guarded, S, [ROW])).toEqual([1])
  expect(() => cellsOf(guarded, S, [{ ...ROW, n: 0 }])).toThrow('OVERFLOW')
})

test('the type is shared by all values', () => {
  expect(`${when(c.flag).then(c.n).otherwise(c.f).toExpr(S).type}`).toBe('float64')
  expect(`${when(c.flag).then(c.n).otherwise(null).toExpr(S).type}`).toBe('int32?')
  expect(`${when(c.flag).then(1).otherwise(0).toExpr(S).type}`).toBe('float64')
  expect(() => when(c.flag).then(c.n).otherwise('x')).toThrow(
    `TYPE_MISMATCH: when needs values of one type; 'x' is string. But n is int32.`,
  )
})

test('a condition is true or false, checked where it is written', () => {
  expect(() => when(c.n as never)).toThrow('when needs true or false; n is int32')
  expect(cellsOf(when(col('any')).then(1).otherwise(2), S, [ROW])).toEqual([1])
  expect(() => cellsOf(when(col('any')).then(1).otherwise(2), S, [{ ...ROW, any: 'yes' }])).toThrow(
    'TYPE_MISMATCH: any as boolean',
  )
})

test('branches can be shared: the builder does not change', () => {
  const start = when(c.n.gt(9)).then('large')
  expect(cellsOf(start.otherwise('a'), S, [ROW])).toEqual(['a'])
  expect(cellsOf(start.when(c.flag).then('b').otherwise('c'), S, [ROW])).toEqual(['b'])
})
