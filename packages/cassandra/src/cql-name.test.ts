import { expect, test } from 'vitest'
import { parseTableName, quoteName, showTable } from './cql-name.ts'

test('reads names as CQL does: lower case, unless they are quoted', () => {
  expect(parseTableName('Shop.Totals')).toEqual({ keyspace: 'shop', table: 'totals' })
  const quoted = parseTableName('shop."Daily ""Totals""; DROP"')
  expect(quoted).toEqual({ keyspace: 'shop', table: 'Daily "Totals"; DROP' })
  expect(showTable(quoted)).toBe('shop."Daily ""Totals""; DROP"')
})

test.each(['totals', 'a.b.c', 'shop.', '.totals', 'shop.tot als', 'shop.totals;', '', 'shop."'])(
  'refuses %j',
  text => {
    expect(() => parseTableName(text)).toThrow(/INVALID_ARGUMENT: a table is named/)
  },
)

test('quotes whatever is in a name', () => {
  expect(quoteName('select')).toBe('"select"')
  expect(quoteName('a"b')).toBe('"a""b"')
})
