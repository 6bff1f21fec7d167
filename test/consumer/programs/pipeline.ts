import {
  Application,
  count,
  fromArray,
  json,
  type RowOf,
  schema,
  sum,
  t,
  tumbling,
} from '@millrace/core'
import { kafka } from '@millrace/kafka'
import { rocksdb } from '@millrace/rocksdb'

const Purchase = schema({ user_id: t.string(), amount: t.float64(), ts: t.timestamp() })

const purchases: RowOf<typeof Purchase>[] = [
  { user_id: 'ann', amount: 20, ts: 1_000 },
  { user_id: 'bob', amount: 70, ts: 2_000 },
  { user_id: 'ann', amount: 30, ts: 3_000 },
  { user_id: 'bob', amount: 5, ts: 4_000 },
  { user_id: 'ann', amount: 60, ts: 11_000 },
]

const app = new Application({ id: 'totals' })
const totals = app
  .dataframe(fromArray(purchases, { schema: Purchase, timestamp: 'ts' }))
  .where(c => c.amount.gt(10))
  .groupBy('user_id')
  .window(tumbling('10s'))
  .agg(c => ({ n: count(), total: sum(c.amount) }))
  .final()

const rows = await totals.collect()
const first: number | undefined = rows[0]?.n
console.log(JSON.stringify(rows), first)

const settings = { 'bootstrap.servers': 'localhost:9092' }
const onKafka = new Application({ id: 'kafka', broker: kafka(settings), state: rocksdb('state') })
const opened = onKafka.dataframe(onKafka.topic('purchases', { value: json(Purchase) }))
// @ts-expect-error: there is no such column.
opened.where(c => c.amont.gt(10))
