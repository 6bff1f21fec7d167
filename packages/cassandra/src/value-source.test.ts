import { col } from '@millrace/core'
import { expect, test } from 'vitest'
import { computing, valueFrom, type WrittenValue } from './value-source.ts'

test('a column is taken by its name, an expression is computed under a name of its own', () => {
  const computed = new Map<string, WrittenValue>()
  const n = col('n')
  expect(valueFrom('columns.a', 'n', computed)).toBe('n')
  expect(valueFrom('columns.b', n, computed)).toBe('columns.b')
  expect(valueFrom('columns.c', (c: { m: number }) => c.m, computed)).toBe('columns.c')
  expect(valueFrom('columns.d', { add: 'n' }, computed)).toBe(null)
  const { computes } = computing(computed)
  expect(computes?.({ m: 5 } as never)).toEqual({ 'columns.b': n, 'columns.c': 5 })
  expect(computing(new Map())).toEqual({})
})
