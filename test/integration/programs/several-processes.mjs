/**
 * Counts and sums purchases per user in windows of ten seconds, in several processes. Tells on
 * standard output, in lines of JSON, what each of them does before and after the run, and the
 * status every 100 ms.
 *
 *   node several-processes.mjs BOOTSTRAP APPLICATION INPUT OUTPUT STATE PROCESSES [crash]
 */
import { Application, count, json, schema, sum, t, tumbling } from '@millrace/core'
import { kafka } from '@millrace/kafka'
import { rocksdb } from '@millrace/rocksdb'

const [bootstrap, id, input, output, state, processes, crash] = process.argv.slice(2)
const isChild = process.env['MILLRACE_PROCESS'] !== undefined
tell({ before: process.pid })
if (crash === 'crash' && isChild) process.exit(7)
const Purchase = schema({ user: t.string(), amount: t.int32() })
const app = new Application({
  id,
  broker: kafka({ 'bootstrap.servers': bootstrap, 'session.timeout.ms': 6_000 }),
  guarantee: 'exactly-once',
  commitInterval: 200,
  state: rocksdb(state),
})
app
  .dataframe(app.topic(input, { value: json(Purchase), idle: 'never' }))
  .groupBy('user')
  .window(tumbling('10s'))
  .agg(c => ({ n: count(), total: sum(c.amount) }))
  .final()
  .toTopic(app.topic(output))
const timer = isChild ? undefined : setInterval(() => tell({ status: app.status() }), 100)
try {
  await app.run({ processes: Number(processes) })
} finally {
  clearInterval(timer)
  tell({ after: process.pid, status: app.status(), stats: await app.stateStats() })
}

function tell(what) {
  process.stdout.write(`${JSON.stringify(what)}\n`)
}
