import { expect, test } from 'vitest'
import { t } from '../schema/data-type.ts'
import { OPEN_SCHEMA, schema } from '../schema/schema.ts'
import { schemaRead } from './columns-read.ts'

const Purchase = schema({ user_id: t.string(), amount: t.float64() })

test('all columns are the schema itself', () => {
  expect(schemaRead(Purchase, 'all')).toBe(Purchase)
  expect(schemaRead(OPEN_SCHEMA, 'all')).toBe(OPEN_SCHEMA)
})

test('named columns come in the order of the names, once each', () => {
  const read = schemaRead(Purchase, ['amount', 'user_id', 'amount'])
  expect(String(read)).toBe('{amount: float64, user_id: string}')
  expect(String(schemaRead(Purchase, []))).toBe('{}')
})

test('an open schema has every column, as nullable json', () => {
  expect(String(schemaRead(OPEN_SCHEMA, ['constructor']))).toBe('{constructor: json?}')
})

test('a closed schema refuses columns it does not have', () => {
  expect(() => schemaRead(Purchase, ['amuont'])).toThrow('Did you mean "amount"?')
})
