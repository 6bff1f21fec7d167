import { expect, test } from 'vitest'
import { t } from '../schema/data-type.ts'
import { requireNumber, requireNumeric } from './numeric-input.ts'

test('numbers and json pass', () => {
  for (const type of [t.int32(), t.int64(), t.float64().nullable(), t.json()]) {
    expect(requireNumeric('sum', type)).toBe(type)
  }
  expect(requireNumber('sum', Number.NaN)).toBe(undefined)
})

test('other types are refused with what would do', () => {
  expect(() => requireNumeric('sum', t.string().nullable())).toThrow(
    'TYPE_MISMATCH: sum needs a column of type int32, int64, float64 or decimal; got string?. ' +
      'Convert it first: .as(t.float64()).',
  )
  expect(() => requireNumeric('mean', null)).toThrow('mean needs a column of type int32, int64')
  expect(() => requireNumeric('sum', t.bytes())).toThrow('got bytes.')
  expect(() => requireNumber('sum', 5n)).toThrow('got the bigint 5')
})
