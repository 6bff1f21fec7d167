/** What the wrong programs have in common: an application, a topic with a schema, its frame. */
import { Application, json, type RowOf, type StreamingDataFrame, schema, t } from '@millrace/core'

const Purchase = schema({
  user_id: t.string(),
  amount: t.float64(),
  count: t.int32(),
  discount: t.float64().nullable(),
  note: t.string().nullable(),
  extra: t.json(),
})

export interface Shop {
  readonly app: Application
  readonly purchases: StreamingDataFrame<RowOf<typeof Purchase>>
}

export function shop(): Shop {
  const app = new Application({ id: 'shop' })
  return { app, purchases: app.dataframe(app.topic('purchases', { value: json(Purchase) })) }
}
