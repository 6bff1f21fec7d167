import { Application, count, fromArray, schema, sum, t, tumbling } from '@millrace/core'

const Purchase = schema({ user_id: t.string(), amount: t.float64(), ts: t.timestamp() })
const purchases = [
  { user_id: 'ann', amount: 20, ts: 1_000 },
  { user_id: 'bob', amount: 70, ts: 2_000 },
  { user_id: 'ann', amount: 30, ts: 3_000 },
  { user_id: 'bob', amount: 5, ts: 4_000 },
  { user_id: 'ann', amount: 60, ts: 11_000 },
]

const totals = new Application({ id: 'totals' })
  .dataframe(fromArray(purchases, { schema: Purchase, timestamp: 'ts' }))
  .where(c => c.amount.gt(10))
  .groupBy('user_id')
  .window(tumbling('10s'))
  .agg(c => ({ n: count(), total: sum(c.amount) }))
  .final()

console.log(JSON.stringify(await totals.collect()))
