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

/** The same as Avro. */
export const AVRO_EVENT = {
  type: 'record',
  name: 'Event',
  fields: [
    { name: 'user_id', type: 'string' },
    { name: 'event', type: 'string' },
    { name: 'amount', type: 'double' },
    { name: 'ts', type: { type: 'long', logicalType: 'timestamp-millis' } },
    { name: 'page', type: 'string' },
    { name: 'session', type: 'string' },
  ],
} as const
