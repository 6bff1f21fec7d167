/**
 * Counts and sums purchases per user in windows of ten seconds, through an internal topic, until it
 * is stopped or killed. A program of its own, so that it can be killed.
 *
 *   node count-windows.mjs BOOTSTRAP APPLICATION INPUT OUTPUT GUARANTEE [PROTOCOL]
 */
import { Application, count, json, schema, sum, t, tumbling } from '@millrace/core'
import { kafka } from '@millrace/kafka'

const [bootstrap, id, input, output, guarantee, protocol] = process.argv.slice(2)
const Purchase = schema({ user: t.string(), amount: t.int32() })
// With the newer protocol the broker has the session.
const membership =
  protocol === 'consumer' ? { 'group.protocol': protocol } : { 'session.timeout.ms': 6_000 }
const app = new Application({
  id,
  broker: kafka({ 'bootstrap.servers': bootstrap, ...membership }),
  guarantee,
  commitInterval: 200,
})
app
  .dataframe(app.topic(input, { value: json(Purchase), idle: 1_500 }))
  .groupBy('user')
  .window(tumbling('10s'))
  .agg(c => ({ n: count(), total: sum(c.amount) }))
  .final()
  .toTopic(app.topic(output))
await app.run()
