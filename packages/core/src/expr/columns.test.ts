import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import { type DataType, t } from '../schema/data-type.ts'
import { OPEN_SCHEMA, Schema, schema } from '../schema/schema.ts'
import { batchOfRows } from '../testing/batch-of-rows.ts'
import { cellsOf } from '../testing/cells-of.ts'
import { columnsOf } from './columns.ts'
import { Expression } from './expression.ts'

const S = schema({ user_id: t.string(), amount: t.float64() })

describe('any name is a column', () => {
  const odd = ['then', 'constructor', '__proto__', 'toString', 'hasOwnProperty', 'prototype']
  odd.push('toJSON', 'a "quoted" one', '\u2028', '', '0', 'gt', 'cell')
  const fields = odd.map((name, i) => ({ name, type: t.int32() as DataType, i }))
  const all = new Schema<Record<string, number>>(fields.map(({ name, type }) => ({ name, type })))
  const row = Object.create(null) as Record<string, number>
  for (const { name, i } of fields) row[name] = i

  for (const { name, i } of fields) {
    test(JSON.stringify(name), () => {
      const column = columnsOf(all)[name] as Expression<number>
      expect(column).toBeInstanceOf(Expression)
      expect(cellsOf(column, all, [row])).toEqual([i])
      expect(batchOfRows(all, [row]).columns[i]?.get(0)).toBe(i)
    })
  }

  test('a column named then makes nothing a promise', async () => {
    const c = columnsOf(all)
    expect(await Promise.resolve(c)).toBe(c)
    expect(await c['then']).toBe(c['then'])
  })
})

test('a name that is no column throws, with the columns and a guess', () => {
  const c = columnsOf(S) as unknown as Record<string, unknown>
  expect(() => c['amuont']).toThrow(
    'UNKNOWN_COLUMN: column "amuont" is not in the frame; columns are user_id, amount. ' +
      'Did you mean "amount"?',
  )
  expect(() => c['constructor']).toThrow('UNKNOWN_COLUMN')
})

test('an open schema has any column, of type json', () => {
  const c = columnsOf(OPEN_SCHEMA)
  expect(`${c['anything']?.toExpr(OPEN_SCHEMA).type}`).toBe('json?')
  expect('anything' in c).toBe(true)
})

test('can be spread, listed and asked for names', () => {
  const c = columnsOf(S)
  expect(Object.keys(c)).toEqual(['user_id', 'amount'])
  expect(
    Object.entries({ ...c, total: c.amount.mul(2) }).map(([name, e]) => `${name}: ${e}`),
  ).toEqual(['user_id: user_id', 'amount: amount', 'total: amount * 2'])
  expect(['amount' in c, 'amuont' in c]).toEqual([true, false])
  expect(c.amount).toBe(c.amount)
})

test('looking at it does not fail', () => {
  const c = columnsOf(S)
  expect(inspect(c)).toBe('Columns {user_id: string, amount: float64}')
  expect(Object.prototype.toString.call(c)).toBe('[object Object]')
  expect(Object.getOwnPropertySymbols(c)).toEqual([])
  expect(() => inspect(c, { showProxy: true })).not.toThrow()
})

test('cannot be written to', () => {
  const c = columnsOf(S) as unknown as Record<string, unknown>
  const text =
    'INVALID_ARGUMENT: columns cannot be set; return the new one instead: ' +
    'withColumns(c => ({ total: … })).'
  expect(() => {
    c['total'] = 1
  }).toThrow(text)
  expect(() => Object.defineProperty(c, 'total', { value: 1 })).toThrow(text)
  expect(() => delete c['total']).toThrow(text)
})
