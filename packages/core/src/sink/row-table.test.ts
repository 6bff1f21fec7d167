import { expect, test } from 'vitest'
import { t } from '../schema/data-type.ts'
import { OPEN_SCHEMA, Schema, schema } from '../schema/schema.ts'
import { rowTable } from './row-table.ts'

test('columns are aligned, numbers to the right', () => {
  const Totals = schema({ origin: t.string(), n: t.int64(), mean: t.float64().nullable() })
  const rows = [
    { origin: 'ATL', n: 1234n, mean: 1.5 },
    { origin: '漢字', n: 5n, mean: null },
  ]
  expect(rowTable(Totals, rows)).toEqual([
    'origin     n  mean',
    'ATL     1234   1.5',
    '漢字       5  null',
  ])
})

test('an open schema shows the columns that there are, in order', () => {
  const rows = [
    { b: 1, a: 'x' },
    { ['__proto__']: true, b: 20 },
  ]
  expect(rowTable(OPEN_SCHEMA, rows)).toEqual([
    ' b  a     __proto__',
    ' 1  x     null',
    '20  null  true',
  ])
  const half = new Schema([{ name: 'total', type: t.int32() }], true)
  expect(rowTable(half, [{ total: 1, user: 'a' }])[0]).toBe('user  total')
})

test('names and cells cannot steer the terminal', () => {
  const Odd = schema({ '\u001b[31m': t.string() })
  expect(rowTable(Odd, [{ '\u001b[31m': '\u001b]0;title\u0007' }])).toEqual([
    '\\u{1b}[31m',
    '\\u{1b}]0;title\\u{7}',
  ])
})

test('no rows give the names only', () => {
  expect(rowTable(schema({ a: t.string(), b: t.int32() }), [])).toEqual(['a  b'])
})
