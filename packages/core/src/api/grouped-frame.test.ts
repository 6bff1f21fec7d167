import { describe, expect, test } from 'vitest'
import { count, max, mean, min, sum } from '../aggregate/index.ts'
import { t } from '../schema/data-type.ts'
import { schema } from '../schema/schema.ts'
import { fromArray } from '../source/array-source.ts'
import { TestDriver } from '../testing/test-driver.ts'
import { tumbling } from '../window/window.ts'
import { Application } from './application.ts'

const Sale = schema({ shop: t.string().nullable(), n: t.int64(), price: t.float64().nullable() })
const SALES = [
  { shop: 'a', n: 1n, price: 0.1, at: 0 },
  { shop: 'a', n: 2n, price: 0.2, at: 9_999 },
  { shop: null, n: 3n, price: null, at: 500 },
  { shop: 'a', n: 4n, price: null, at: 10_000 },
]

function sales() {
  const app = new Application({ id: 'sales', ...new TestDriver().options })
  return app.dataframe(
    fromArray(SALES, { schema: Sale, timestamp: row => (row as { at?: number }).at ?? 0 }),
  )
}

describe('rows of a window', () => {
  test('have the group, the bounds, and the aggregates in their order', () => {
    const frame = sales()
      .groupBy('shop')
      .window(tumbling('10s'))
      .agg(c => ({ n: sum(c.n), price: sum(c.price), rows: count(), first: min(c.n) }))
      .final()
    expect(`${frame.schema}`).toBe(
      '{shop: string?, window_start: timestamp, window_end: timestamp, n: int64?, ' +
        'price: float64?, rows: int64 as number, first: int64?}',
    )
  })

  test('null is a group of its own; aggregates over nothing are null', async () => {
    const rows = await sales()
      .groupBy('shop')
      .window(tumbling('1d'))
      .agg(c => ({
        n: sum(c.n),
        price: sum(c.price),
        prices: count(c.price),
        rows: count(),
        mean: mean(c.n),
        last: max(c.price),
      }))
      .final()
      .drop('window_start', 'window_end')
      .collect({ flush: true })
    expect(rows.sort((x, y) => Number(x.rows) - Number(y.rows))).toEqual([
      { shop: null, n: 3n, price: null, prices: 0, rows: 1, mean: 3, last: null },
      { shop: 'a', n: 7n, price: 0.30000000000000004, prices: 2, rows: 3, mean: 7 / 3, last: 0.2 },
    ])
  })
})

test('one grouping may have several windows, each its own frame', () => {
  const grouped = sales().groupBy('shop')
  const [short, long] = [grouped.window(tumbling('1s')), grouped.window(tumbling('1h'))]
  const rows = () => ({ rows: count() })
  expect(short.agg(rows).final().explain()).toContain('tumbling 1s')
  expect(long.agg(rows).final().explain()).toContain('tumbling 1h')
})
