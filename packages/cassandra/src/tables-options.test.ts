import { col, schema, t } from '@millrace/core'
import { expect, test } from 'vitest'
import { checkChoice, parseTables } from './tables-options.ts'

const parse = (tables: object, options: object = {}) =>
  parseTables(tables as never, options as never)
const ONE = { order: { table: 'shop.orders' } }

test.each<[object, object, RegExp]>([
  [{}, {}, /tables needs tables by names: \{ orders:/],
  [{ order: {} }, {}, /table "order" needs its name in Cassandra: table: 'shop\.orders'/],
  [{ order: { table: 'orders' } }, {}, /a table is named 'keyspace\.table'/],
  [{ order: { table: 'shop.orders', tll: '1h' } }, {}, /no option "tll"\. Did you mean "ttl"/],
  [ONE, { chose: 'kind' }, /tables has no option "chose"\. Did you mean "choose"/],
  [ONE, { choose: 5 }, /choose is a column of the frame or an expression .*; got 5/],
])('refuses %j with %j at the line where it stands', (tables, options, message) => {
  expect(() => parse(tables, options)).toThrow(message)
})

test('names what is computed after its table, and tells what chooses', () => {
  const columns = { x: col('a'), y: 'b' }
  const { tables, names, choose, computed } = parse(
    { order: { table: 'shop.orders', columns }, refund: { table: 'shop.refunds', columns } },
    { choose: col('kind') },
  )
  expect(names).toEqual(['order', 'refund'])
  expect(choose).toBe('choose')
  expect([...computed.keys()]).toEqual(['choose', 'order.columns.x', 'refund.columns.x'])
  expect(tables.map(({ settings }) => settings.uses)).toEqual([['choose'], ['choose']])
  expect(parse(ONE).choose).toBe(null)
  expect(parse(ONE, { choose: 'kind' }).choose).toBe('kind')
})

test('only text chooses a table', () => {
  const settings = parse(ONE, { choose: 'kind' })
  expect(() => checkChoice(settings, schema({ kind: t.string().nullable() }))).not.toThrow()
  expect(() => checkChoice(settings, schema({ kind: t.int32() }))).toThrow(
    'SCHEMA_MISMATCH: choose gives the name of a table as text (order); column "kind" is int32.',
  )
  expect(() => checkChoice(settings, schema({ kid: t.string() }))).toThrow('UNKNOWN_COLUMN')
})
