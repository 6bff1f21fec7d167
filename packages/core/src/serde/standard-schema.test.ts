import { expect, test } from 'vitest'
import { isStandardSchema, type StandardSchema, validated } from './standard-schema.ts'

function giving(result: unknown): StandardSchema {
  return { '~standard': { version: 1, vendor: 'test', validate: () => result } }
}

test('a value that passes is given as the schema gives it', () => {
  expect(validated(giving({ value: 5 }), 'anything')).toEqual({ value: 5 })
})

test('the first issue is told with its path and what stands there', () => {
  const issues = [{ message: 'no', path: ['a', { key: 0 }, 'b'] }, { message: 'second' }]
  expect(validated(giving({ issues }), { a: [{ b: 'x' }] })).toMatchObject({
    refusal: { code: 'DECODE_FAILED', expected: 'no', got: '"x"' },
    path: 'a.0.b',
  })
  expect(validated(giving({ issues }), {})).toMatchObject({ refusal: { got: 'nothing' } })
  expect(validated(giving({ issues: [] }), 5)).toMatchObject({
    refusal: { expected: 'a value its schema accepts', got: '5' },
    path: undefined,
  })
})

test('schemas are told from other values', () => {
  expect(isStandardSchema(giving({}))).toBe(true)
  for (const other of [null, undefined, {}, 'x', { '~standard': {} }, () => 1]) {
    expect(isStandardSchema(other)).toBe(false)
  }
})
