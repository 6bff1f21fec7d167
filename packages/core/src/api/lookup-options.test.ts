import { expect, test } from 'vitest'
import type { LookupDefinition } from '../lookup/lookup.ts'
import { sourceNode } from '../plan/source.ts'
import { fail } from '../record/error-policy.ts'
import { t } from '../schema/data-type.ts'
import { schema } from '../schema/schema.ts'
import { fromArray } from '../source/array-source.ts'
import { type LookupOptions, lookupFrom } from './lookup-options.ts'

const lookup: LookupDefinition = {
  name: 'users',
  schema: schema({ id: t.string(), city: t.string() }),
  key: [{ name: 'id', type: t.string() }],
  create: () => {
    throw new Error('not here')
  },
}
const source = sourceNode({
  kind: 'source',
  source: fromArray([], { schema: schema({ user: t.string() }) }),
  timestamp: null,
  disorderMs: 0,
  onError: fail(),
})
const node = (fields: unknown, options: LookupOptions = {}) =>
  lookupFrom(source, { lookup, on: 'user', fields }, options, fail())

test('keeps 10,000 rows for a minute and misses for ten seconds, unless it is told otherwise', () => {
  expect(node(['city']).cache).toEqual({ rowsMax: 10_000, keepMs: 60_000, keepMissingMs: 10_000 })
  expect(node(['city'], { keep: 0, keepMissing: '1h', rowsMax: 5 }).cache).toEqual({
    rowsMax: 5,
    keepMs: 0,
    keepMissingMs: 3_600_000,
  })
})

test('columns go by their names, or by new ones', () => {
  expect(node(['city']).fields).toMatchObject([{ name: 'city', from: 'city' }])
  expect(node({ home: 'city' }).fields).toMatchObject([{ name: 'home', from: 'city' }])
})

test.each<[unknown, LookupOptions, RegExp]>([
  ['city', {}, /lookup needs an object such as/],
  [[7], {}, /lookup needs column names; got number/],
  [{ home: 7 }, {}, /the table's name of column "home"; got number/],
  [['city'], { keep: '1 minute' as never }, /keep of lookup must be whole milliseconds/],
])('refuses %j with %j', (fields, options, message) => {
  expect(() => node(fields, options)).toThrow(message)
})
