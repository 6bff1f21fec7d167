import { expect, test } from 'vitest'
import { t } from '../../schema/data-type.ts'
import { schema } from '../../schema/schema.ts'
import { cellsOf } from '../../testing/cells-of.ts'
import { col } from '../col.ts'
import type { Expression } from '../expression.ts'

const S = schema({ p: t.json().nullable(), s: t.string().nullable() })
const one = (expression: Expression, p: object | string | null) =>
  cellsOf(expression, S, [{ p, s: null }])[0]

test('get gives a part, or null where there is none', () => {
  const p = JSON.parse('{"a":{"b":[10,null,30]},"__proto__":5}')
  expect(one(col('p').get('a').get('b').get(2), p)).toBe(30)
  expect(one(col('p').get('a').get('b').get(1), p)).toBe(null)
  expect(one(col('p').get('a').get('b').get(9), p)).toBe(null)
  expect(one(col('p').get('nothing').get('more'), p)).toBe(null)
  expect(one(col('p').get('constructor'), p)).toBe(null)
  expect(one(col('p').get('__proto__'), p)).toBe(5)
  expect(one(col('p').get('a'), null)).toBe(null)
  expect(one(col('p').get('a').get('b').get(0).as(t.int32()).add(1), p)).toBe(11)
})

test('a part of what has none is an error of the record', () => {
  expect(() => one(col('p').get('a'), 'text')).toThrow(
    `TYPE_MISMATCH: p: expected an object to get 'a' of, got "text".`,
  )
  expect(() => one(col('p').get('a'), [1])).toThrow('got an array of 1.')
  expect(() => one(col('p').get(0), { a: 1 })).toThrow(
    'expected an array to get 0 of, got an object.',
  )
})

test('only json and what is nested has parts; keys are names or indices', () => {
  expect(() => col('s').get('a').toExpr(S)).toThrow(
    'TYPE_MISMATCH: get needs a struct, a list or json; s is string?.',
  )
  expect(() => col('p').get(-1)).toThrow('get takes a property name or an index from 0; got -1.')
})
