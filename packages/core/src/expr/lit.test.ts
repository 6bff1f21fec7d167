import { expect, test } from 'vitest'
import { t } from '../schema/data-type.ts'
import { schema } from '../schema/schema.ts'
import { cellsOf } from '../testing/cells-of.ts'
import { lit } from './lit.ts'

const S = schema({})

test('a value in every record', () => {
  expect(cellsOf(lit('x'), S, [{}, {}])).toEqual(['x', 'x'])
  expect(cellsOf(lit(new Date(1.7e12)), S, [{}])).toEqual([1.7e12])
  expect(cellsOf(lit(2).mul(3), S, [{}])).toEqual([6])
  expect(`${lit(null).as(t.string()).toExpr(S).type}`).toBe('string?')
})

test('what is no value is refused at the line', () => {
  expect(() => lit(undefined as never)).toThrow('INVALID_ARGUMENT')
})
