/** What the compiler refuses of options; checked by `tsc`, never run. */
import { Application, col, json, schema, t } from '@millrace/core'
import { cassandra } from './cassandra.ts'

const Sale = schema({ shop: t.string(), at: t.timestamp(), amount: t.float64() })
const frame = new Application({ id: 'types' }).dataframe(
  new Application({ id: 'types' }).topic('sales', { value: json(Sale) }),
)
const { table, tables, query } = cassandra({ contactPoints: [] })

frame.sink(
  table('shop.sales', {
    key: ['shop', 'day'],
    columns: {
      day: c => c.at.truncate('1d'),
      cents: c => c.amount.mul(100),
      tags: { add: c => c.shop.upper() },
      region: () => 'eu',
      shop_name: 'shop',
      note: col('shop'),
    },
  }),
)
frame.sink(table('shop.sales', { key: ['shop', 'at'], skip: ['amount'] }))
table<typeof Sale.row>('shop.sales', { columns: { x: c => c.amount.add(1), y: 'shop' } })

// @ts-expect-error no column of the frame, and none of `columns`
frame.sink(table('shop.sales', { key: ['shop', 'dya'], columns: { day: c => c.at } }))
// @ts-expect-error no column of the frame
frame.sink(table('shop.sales', { key: ['shpo'] }))
// @ts-expect-error no column of the frame
frame.sink(table('shop.sales', { columns: { x: c => c.amuont.add(1) } }))
// @ts-expect-error text is not added up
frame.sink(table('shop.sales', { columns: { x: c => c.shop.mul(2) } }))
// @ts-expect-error no column of the frame
frame.sink(table('shop.sales', { columns: { x: 'amuont' } }))
// @ts-expect-error an expression, not a row's function that gives an object
frame.sink(table('shop.sales', { columns: { x: () => ({ y: 1 }) } }))

frame.sink(
  query('UPDATE shop.sales SET a = :a, b = :b WHERE shop = :shop', {
    params: { a: 'amount', b: c => c.amount.mul(2) },
  }),
)
query<typeof Sale.row>('UPDATE …', { params: { a: c => c.shop.upper() } })

// @ts-expect-error no column of the frame
frame.sink(query('UPDATE …', { params: { a: 'amuont' } }))
// @ts-expect-error no column of the frame
frame.sink(query('UPDATE …', { params: { a: c => c.amuont } }))

frame.sink(
  tables(
    {
      a: { table: 'shop.a', key: ['shop'], columns: { x: c => c.amount.mul(2), y: 'shop' } },
      b: { table: 'shop.b', columns: { x: { add: c => c.shop } } },
    },
    { choose: c => c.shop.lower() },
  ),
)
frame.sink(tables({ a: { table: 'shop.a' } }, { choose: 'shop' }))

// @ts-expect-error no column of the frame
frame.sink(tables({ a: { table: 'shop.a' } }, { choose: 'shpo' }))
// @ts-expect-error no column of the frame
frame.sink(tables({ a: { table: 'shop.a', key: ['shpo'] } }))
// @ts-expect-error which table it is
frame.sink(tables({ a: { key: ['shop'] } }))
