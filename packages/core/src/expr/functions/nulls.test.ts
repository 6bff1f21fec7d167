import { describe, expect, test } from 'vitest'
import { t } from '../../schema/data-type.ts'
import { schema } from '../../schema/schema.ts'
import { cellsOf } from '../../testing/cells-of.ts'
import { coalesce } from '../coalesce.ts'
import { col } from '../col.ts'
import { columnsOf } from '../columns.ts'
import type { Expression } from '../expression.ts'

const TYPES = {
  string: [t.string(), 'x', 'y'],
  boolean: [t.boolean(), true, false],
  int32: [t.int32(), 1, 2],
  int64: [t.int64(), 1n, 2n],
  float64: [t.float64(), 1.5, 2],
  timestamp: [t.timestamp(), 1.7e12, 1.8e12],
  bytes: [t.bytes(), Buffer.of(1), Buffer.of(2)],
  json: [t.json(), { a: 1 }, 'other'],
} as const

for (const [kind, [type, cell, other]] of Object.entries(TYPES)) {
  test(`nulls of ${kind}`, () => {
    const one = schema({ a: type.nullable(), b: type.nullable() })
    const rows = [
      { a: cell, b: other },
      { a: null, b: other },
      { a: null, b: null },
    ]
    expect(cellsOf(col('a').isNull(), one, rows)).toEqual([false, true, true])
    expect(cellsOf(col('a').isNotNull(), one, rows)).toEqual([true, false, false])
    expect(cellsOf(col('a').fillNull(col('b')), one, rows)).toEqual([cell, other, null])
    if (kind !== 'json') {
      expect(cellsOf(col('a').fillNull(other as never), one, rows)).toEqual([cell, other, other])
    }
  })
}

describe('coalesce', () => {
  const S = schema({
    a: t.int32().nullable(),
    b: t.int32().nullable(),
    n: t.int32(),
    f: t.float64().nullable(),
    s: t.string(),
    any: t.json().nullable(),
  })
  const c = columnsOf(S)
  const typeOf = (expression: Expression) => `${expression.toExpr(S).type}`

  test('is nullable only when every operand is', () => {
    expect(typeOf(coalesce(c.a, c.b))).toBe('int32?')
    expect(typeOf(coalesce(c.a, c.b, 0))).toBe('int32')
    expect(typeOf(coalesce(c.n, c.a))).toBe('int32')
    expect(typeOf(coalesce(c.a, c.f))).toBe('float64?')
    expect(typeOf(col('any').fillNull(0))).toBe('float64')
    expect(typeOf(c.a.isNull())).toBe('boolean')
  })

  test('does not evaluate what stands behind the answer', () => {
    const failing = c.n.mod(0)
    const rows = [{ a: 1, n: 1 }]
    expect(cellsOf(coalesce(c.a, failing), S, rows)).toEqual([1])
    expect(() => cellsOf(coalesce(c.b, failing), S, rows)).toThrow('OVERFLOW')
  })

  test('needs one type', () => {
    expect(() => coalesce(c.a, c.s)).toThrow(
      'TYPE_MISMATCH: coalesce needs values of one type; s is string. But a is int32?. ' +
        'Convert one with .as(…).',
    )
    expect(() => coalesce(null, null).toExpr(S)).toThrow('coalesce has only nulls')
  })
})
