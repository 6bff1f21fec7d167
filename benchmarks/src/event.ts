import { schema, t } from '@millrace/core'

/** A record of the inputs (benchmarks/peers/Produce.java). */
export const Event = schema({
  user_id: t.string(),
  event: t.string(),
  amount: t.float64(),
  ts: t.timestamp(),
  page: t.string(),
  session: t.string(),
})
