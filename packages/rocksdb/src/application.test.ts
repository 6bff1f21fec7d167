import { Application, count, json, schema, sum, t, tumbling } from '@millrace/core'
import { TestDriver } from '@millrace/core/testing'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../test/temporary-folder.ts'
import { classicLevel, rocksdb } from './rocksdb.ts'

const Sale = schema({ shop: t.string(), n: t.int32() })

test.each([
  ['rocksdb', rocksdb],
  ['classic-level', classicLevel],
])(
  'an application that starts again goes on with its windows, with state in %s',
  async (_, make) => {
    const folder = temporaryFolder()
    const driver = new TestDriver()
    const application = () => {
      const app = new Application({ id: 'shop', state: make(folder), ...driver.options })
      const sales = app.topic('sales', { value: json(Sale) })
      const totals = app.topic('totals')
      app
        .dataframe(sales)
        .groupBy('shop')
        .window(tumbling('10s'), { name: 'totals' })
        .agg(c => ({ n: sum(c.n), sales: count() }))
        .final()
        .toTopic(totals)
      return { app, sales, totals }
    }
    const first = application()
    await driver.start(first.app)
    await driver.feed(first.sales, [
      { value: { shop: 'a', n: 2 }, timestamp: 1_000 },
      { value: { shop: 'b', n: 5 }, timestamp: 2_000 },
    ])
    await driver.advance('3s')
    await driver.stop()

    const second = application()
    await driver.start(second.app)
    await driver.feed(second.sales, [{ value: { shop: 'a', n: 3 }, timestamp: 3_000 }])
    await driver.advance('60s')
    const rows = (await driver.read(second.totals)).map(({ value }) => value)
    await driver.stop()
    expect(rows).toMatchObject([
      { shop: 'a', n: 5, sales: 2 },
      { shop: 'b', n: 5, sales: 1 },
    ])
  },
)
