import { expect, test } from 'vitest'
import { count, sum } from '../aggregate/index.ts'
import { t } from '../schema/data-type.ts'
import { schema } from '../schema/schema.ts'
import { json } from '../serde/json.ts'
import { listSink } from '../sink/list-sink.ts'
import { fromArray } from '../source/array-source.ts'
import { TestDriver } from '../testing/test-driver.ts'
import { tumbling } from '../window/window.ts'
import { Application } from './application.ts'

const Sale = schema({ shop: t.string(), n: t.int32(), ts: t.timestamp() })
const sales = [
  { shop: 'a', n: 1, ts: 1_000 },
  { shop: 'b', n: 2, ts: 2_000 },
  { shop: 'a', n: 4, ts: 3_000 },
]

test('a run over arrays ends with them, also behind an internal topic', async () => {
  const driver = new TestDriver()
  const app = new Application({ id: 'shop', ...driver.options })
  const list = listSink()
  app
    .dataframe(fromArray(sales, { schema: Sale, timestamp: 'ts', partitions: 2 }))
    .groupBy('shop')
    .window(tumbling('10s'))
    .agg(c => ({ sales: count(), total: sum(c.n) }))
    .final()
    .select('shop', 'sales', 'total')
    .sink(list)
  await driver.start(app)
  expect(app.status().state).toBe('stopped')
  expect([...list.rows].sort((x, y) => (`${x['shop']}` < `${y['shop']}` ? -1 : 1))).toEqual([
    { shop: 'a', sales: 2, total: 5 },
    { shop: 'b', sales: 1, total: 2 },
  ])
})

test('another run over newer rows of a source goes on behind the same internal topic', async () => {
  const driver = new TestDriver()
  const totals = async (rows: typeof sales): Promise<object[]> => {
    const app = new Application({ id: 'shops', ...driver.options })
    const list = listSink<object>()
    app
      .dataframe(fromArray(rows, { schema: Sale, timestamp: 'ts' }))
      .groupBy('shop')
      .window(tumbling('10s'))
      .agg(c => ({ total: sum(c.n) }))
      .final()
      .select('shop', 'total')
      .sink(list)
    await driver.start(app)
    return [...list.rows]
  }
  expect(await totals(sales)).toHaveLength(2)
  const newer = sales.map(sale => ({ ...sale, ts: sale.ts + 60_000 }))
  expect(await totals(newer)).toHaveLength(2)
})

test('a column of plain numbers as event time is refused when it looks like seconds', async () => {
  const driver = new TestDriver()
  const app = new Application({ id: 'units', ...driver.options })
  const Row = schema({ at: t.float64() })
  const from = app.topic('from', { value: json(Row), timestamp: 'at' })
  app.dataframe(from).sink(listSink())
  await driver.start(app)
  await expect(driver.feed(from, [{ value: { at: 1_750_000_000 } }])).rejects.toMatchObject({
    code: 'TIMESTAMP_UNIT',
  })
})
