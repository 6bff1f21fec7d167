import { expect, test } from 'vitest'
import { FluentExpression } from '../fluent-expression.ts'
import { FUNCTIONS, functionEntry } from './index.ts'

test('every function has a method of its name, and no name stands twice', () => {
  const methods = Object.getOwnPropertyNames(FluentExpression.prototype)
  for (const name of FUNCTIONS.keys()) {
    expect(methods).toContain(name === 'coalesce' ? 'fillNull' : name)
  }
  expect([...FUNCTIONS.keys()].every(name => FUNCTIONS.get(name)?.name === name)).toBe(true)
  expect(FUNCTIONS.size).toBe(33)
})

test('a call of no function of the table is a bug of ours', () => {
  expect(() => functionEntry('toString')).toThrow('INTERNAL')
})
