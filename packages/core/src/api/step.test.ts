import { describe, expect, test } from 'vitest'
import { count, sum } from '../aggregate/index.ts'
import type { Row } from '../batch/row.ts'
import { col } from '../expr/col.ts'
import type { AnyExpression } from '../expr/facets.ts'
import { lit } from '../expr/lit.ts'
import { printExpr } from '../expr/print.ts'
import { when } from '../expr/when.ts'
import { sourceNode } from '../plan/source.ts'
import { fail } from '../record/error-policy.ts'
import { t } from '../schema/data-type.ts'
import { OPEN_SCHEMA, schema } from '../schema/schema.ts'
import { fromArray } from '../source/array-source.ts'
import {
  columnNames,
  newNames,
  parseAggregates,
  parseColumns,
  parseCondition,
  parseExpr,
  predicateExpr,
} from './step.ts'

type C = Record<'a' | 'b' | 'flag', AnyExpression>
const FROM = sourceNode({
  kind: 'source',
  source: fromArray([], {
    schema: schema({ a: t.float64(), b: t.string().nullable(), flag: t.boolean() }),
  }),
  timestamp: null,
  disorderMs: 0,
  onError: fail(),
})

describe('an expression', () => {
  test('may be written as itself, as a value, or as a callback', () => {
    const text = (written: unknown) => printExpr(parseExpr(FROM, written, 'withKey'))
    expect(text((c: C) => c.a.add(1))).toBe('a + 1')
    expect(text(col('b').upper())).toBe('upper(b)')
    expect(text(() => 'x')).toBe("'x'")
    expect(text(new Date(0))).toBe("timestamp '1970-01-01T00:00:00.000Z'")
    expect(() => parseExpr(FROM, () => [1], 'withKey')).toThrow(
      'withKey needs an expression such as c.amount.gt(50), or a value; got an array.',
    )
  })
})

describe('conditions that are made and left out', () => {
  const parse = (condition: (c: C) => unknown) => parseCondition(FROM, condition, 'where')

  test('are named, with what to use', () => {
    const both = (c: C) => c.a.gt(1) && c.b.isNull()
    expect(() => parse(both)).toThrow('where makes the condition a > 1 and does not use it.')
    expect(() => parse(both)).toThrow('use .and(…), .or(…), .not(), .eq(…), when(…)')
    expect(() => parse(c => (c.a.gt(1) ? c.flag : c.b.isNull()))).toThrow('a > 1')
    expect(() => parse(c => !c.b.isNull())).toThrow('b is null')
    expect(() => parse(c => c.flag === (true as never))).toThrow('got false')
    const columns = (c: C) => ({ x: c.a.gt(1) && c.b })
    expect(() => parseColumns(FROM, columns, 'select')).toThrow('select makes the condition a > 1')
    const aggregates = (c: C) => ({ n: sum(c.flag.not() && c.a) })
    expect(() => parseAggregates(FROM, aggregates)).toThrow('agg makes the condition not flag')
  })

  test('are not what is used, is no condition, or was made elsewhere', () => {
    const outside = col('a').gt(5)
    expect(printExpr(parse(() => outside))).toBe('a > 5')
    expect(printExpr(parse(c => c.a.gt(1).and(c.flag)))).toBe('a > 1 and flag')
    const unused = (c: C) => {
      c.a.add(1)
      lit(1).gt(2)
      return { big: c.a.gt(1), kind: when(c.flag).then(c.b).otherwise('x') }
    }
    expect(parseColumns(FROM, unused, 'select').map(({ name }) => name)).toEqual(['big', 'kind'])
    const counts = (c: C) => ({ n: count(c.a.gt(1)) })
    expect(parseAggregates(FROM, counts)).toMatchObject([{ name: 'n' }])
  })
})

describe('columns', () => {
  test('keep their order and may have any name', () => {
    const written = (c: C) =>
      Object.fromEntries([
        ['then', c.a],
        ['__proto__', 1],
        ['q"', c.flag],
        ['b', c.b],
      ])
    const columns = parseColumns(FROM, written, 'select')
    expect(columns.map(({ name, expr }) => [name, printExpr(expr)])).toEqual([
      ['then', 'a'],
      ['__proto__', '1'],
      ['q"', 'flag'],
      ['b', 'b'],
    ])
  })

  test('by name are flat texts', () => {
    expect(columnNames(['a', ['b', 'c']], 'drop')).toEqual(['a', 'b', 'c'])
    expect(() => columnNames([['a', null]], 'drop')).toThrow('drop needs column names; got null')
  })

  test('under new names', () => {
    expect(newNames({ a: 'x', b: 'y' })).toEqual([
      ['a', 'x'],
      ['b', 'y'],
    ])
    expect(() => newNames(['a', 'b'])).toThrow('rename needs an object such as')
    expect(() => newNames({ a: null })).toThrow('rename needs a new name for "a"; got null.')
  })
})

test('a predicate is truthy or not, and has a name where its function has', () => {
  const isBig = function isBig(row: Row) {
    return row['a']
  }
  const { apply, label } = predicateExpr(isBig, OPEN_SCHEMA)
  expect([apply({ a: 0 }), apply({ a: '' }), apply({ a: 5 }), apply({})]).toEqual([
    false,
    false,
    true,
    false,
  ])
  expect([label, predicateExpr(() => true, OPEN_SCHEMA).label]).toEqual([
    'function isBig',
    'function',
  ])
})
