import { expect, test } from 'vitest'
import { t } from '../schema/data-type.ts'
import { schema } from '../schema/schema.ts'
import { coalesce } from './coalesce.ts'
import { columnsOf } from './columns.ts'
import type { FunctionExpr } from './expr.ts'
import type { Expression } from './expression.ts'
import { lit } from './lit.ts'
import { printExpr, printName } from './print.ts'
import { when } from './when.ts'

const S = schema({
  amount: t.float64(),
  n: t.int32(),
  id: t.int64(),
  note: t.string().nullable(),
  flag: t.boolean(),
  ts: t.timestamp(),
  raw: t.bytes(),
  any: t.json().nullable(),
  'odd "name"': t.float64(),
})
const c = columnsOf(S)
const text = (expression: Expression) => printExpr(expression.toExpr(S))

test('reads like SQL', () => {
  expect(text(c.amount.gt(50).and(c.note.isNull()))).toBe('amount > 50 and note is null')
  expect(text(c.note.isIn(['a', "it's"]).not())).toBe(`not note in ('a', 'it\\'s')`)
  expect(text(c.amount.between(1, 2))).toBe('amount >= 1 and amount <= 2')
  expect(text(c.note.upper().concat('!').eq('A!'))).toBe(`concat(upper(note), '!') = 'A!'`)
  expect(text(coalesce(c.note, 'none'))).toBe(`coalesce(note, 'none')`)
  expect(text(when(c.flag).then(c.n).when(c.n.gt(3)).then(1).otherwise(null))).toBe(
    'case when flag then n when n > 3 then 1 else null end',
  )
  expect(text(c.n.as(t.string()))).toBe('cast(n as string)')
  expect(text(c.any.as(t.timestamp({ unit: 's' })))).toBe('cast(any as timestamp[s])')
  expect(text(c.ts.truncate('1s'))).toBe('truncate(ts, 1000)')
})

test('brackets stand where the order of operations needs them', () => {
  const { amount: a, n, flag: f } = c
  expect(text(a.add(n).mul(2))).toBe('(amount + n) * 2')
  expect(text(a.add(n.mul(2)))).toBe('amount + n * 2')
  expect(text(a.sub(n).sub(1))).toBe('amount - n - 1')
  expect(text(a.sub(n.sub(1)))).toBe('amount - (n - 1)')
  expect(text(f.or(f).and(f))).toBe('(flag or flag) and flag')
  expect(text(f.or(f.and(f)))).toBe('flag or flag and flag')
  expect(text(f.and(f).not())).toBe('not (flag and flag)')
  expect(text(f.not().and(f))).toBe('not flag and flag')
  expect(text(f.eq(a.gt(1)))).toBe('flag = (amount > 1)')
  expect(text(a.add(1).isNull().isNotNull())).toBe('(amount + 1 is null) is not null')
})

test('literals of different types look different', () => {
  expect(text(c.id.eq(5n))).toBe('id = 5n')
  expect(text(c.raw.eq(Uint8Array.of(0, 255)))).toBe(`raw = x'00ff'`)
  expect(text(c.ts.gt(lit(new Date(0))))).toBe(`ts > timestamp '1970-01-01T00:00:00.000Z'`)
  expect(text(c.amount.eq(-0))).toBe('amount = -0')
  expect(text(c.note.eq('5'))).toBe(`note = '5'`)
  expect(text(c.flag.eq(true))).toBe('flag = true')
  expect(text(c.note.eq('a"b\n\u2028'))).toBe(`note = 'a"b\\n\\u2028'`)
})

test('odd names are quoted, functions show their label', () => {
  expect(text(c['odd "name"'].neg())).toBe('neg("odd \\"name\\"")')
  expect(printName('__proto__')).toBe('__proto__')
  expect(printName('')).toBe('""')
  const apply: FunctionExpr = {
    kind: 'function',
    apply: () => 1,
    label: 'row => 1',
    type: t.json(),
  }
  expect(printExpr(apply)).toBe('row => 1')
})
