import { expect, test } from 'vitest'
import { t } from '../schema/data-type.ts'
import { JsonColumn } from './column.ts'
import { restWithout } from './rest-without.ts'

const rest = new JsonColumn(t.json().nullable(), [{ a: 1, b: 2 }, null])

test('nothing is left out: the same column', () => {
  expect(restWithout(rest, [])).toBe(rest)
})

test('names are left out of each record', () => {
  expect(restWithout(rest, ['a', 'c'])?.values).toEqual([{ b: 2 }, null])
  expect(rest.values[0]).toEqual({ a: 1, b: 2 })
})

test('a closed projection keeps none', () => {
  expect(restWithout(rest, null)).toBe(null)
  expect(restWithout(null, ['a'])).toBe(null)
})
