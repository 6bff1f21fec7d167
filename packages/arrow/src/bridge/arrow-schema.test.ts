import { schema, t } from '@millrace/core'
import { expect, test } from 'vitest'
import { arrowSchema } from './arrow-schema.ts'
import { rowSchema } from './row-schema.ts'

const Row = schema({
  text: t.string(),
  yes: t.boolean().nullable(),
  small: t.int32(),
  large: t.int64(),
  real: t.float64().nullable(),
  at: t.timestamp(),
  data: t.bytes(),
  any: t.json().nullable(),
})

test('each column has the Arrow type of its kind, and its nullability', () => {
  const { fields, metadata } = arrowSchema(Row, { metadata: { made: 'here' } })
  expect(
    fields.map(({ name, type, nullable }) => `${name}: ${type}${nullable ? '?' : ''}`),
  ).toEqual([
    'text: Utf8',
    'yes: Bool?',
    'small: Int32',
    'large: Int64',
    'real: Float64?',
    'at: Timestamp<MILLISECOND, UTC>',
    'data: Binary',
    'any: Utf8?',
  ])
  expect(fields[7]?.metadata.get('ARROW:extension:name')).toBe('arrow.json')
  expect([...metadata]).toEqual([['made', 'here']])
})

test('it is read as the columns that it was made of', () => {
  const read = rowSchema(arrowSchema(Row, { dictionary: ['text'] }), undefined, 'test')
  expect(String(read)).toBe(String(Row))
})
