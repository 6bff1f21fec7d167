import { expect, test } from 'vitest'
import { t } from '../schema/data-type.ts'
import { schema } from '../schema/schema.ts'
import { canFault } from './can-fault.ts'
import { columnsOf } from './columns.ts'
import type { Expression } from './expression.ts'
import { when } from './when.ts'

const Row = schema({
  i: t.int32().nullable(),
  b: t.int64(),
  f: t.float64(),
  s: t.string(),
  y: t.bytes(),
  j: t.json(),
  at: t.timestamp(),
})
const c = columnsOf<typeof Row.row>(Row)
const faults = (expression: Expression): boolean => canFault(expression.toExpr(Row))

test('whole numbers overflow, doubles do not', () => {
  expect([c.i.add(1), c.b.mul(c.b), c.i.neg(), c.at.add(1)].map(faults)).not.toContain(false)
  expect([c.f.add(1), c.i.mul(0.5), c.i.div(0), c.f.round(2)].map(faults)).not.toContain(true)
})

test('a conversion fails when the cell does not fit', () => {
  expect([c.i.as(t.int64()), c.i.as(t.float64()), c.b.as(t.string())].map(faults)).not.toContain(
    true,
  )
  const risky = [c.b.as(t.float64()), c.s.as(t.int32()), c.f.as(t.int32()), c.y.as(t.string())]
  expect(risky.map(faults)).not.toContain(false)
})

test('a part that fails makes the whole fail', () => {
  expect(faults(c.i.add(1).isNull())).toBe(true)
  expect(faults(when(c.f.gt(0)).then(c.i.neg()).otherwise(0))).toBe(true)
  expect(faults(when(c.f.gt(0)).then(c.i).otherwise(0))).toBe(false)
  expect(faults(c.s.upper().concat('!').eq('A!'))).toBe(false)
})

test('json is checked as it is compared', () => {
  const json = c.j as unknown as { eq(other: unknown): Expression }
  expect(faults(json.eq(c.j))).toBe(true)
})
