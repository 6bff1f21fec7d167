/**
 * Writes the changes of a topic into a table until it is killed, or until the topic's end. A program
 * of its own, so that it can be killed.
 *
 *   node keep-rows.mjs BOOTSTRAP TOPIC CASSANDRA_PORT TABLE [end]
 */
import { cassandra } from '@millrace/cassandra'
import { Application, json, schema, string, t } from '@millrace/core'
import { kafka } from '@millrace/kafka'

const [bootstrap, topic, port, table, end] = process.argv.slice(2)
const Change = schema({ id: t.string(), n: t.int32(), gone: t.boolean(), at: t.timestamp() })
const app = new Application({
  id: 'keep-rows',
  broker: kafka({ 'bootstrap.servers': bootstrap, 'session.timeout.ms': 6_000 }),
  commitInterval: 300,
})
const server = cassandra({
  contactPoints: ['127.0.0.1'],
  localDataCenter: 'datacenter1',
  protocolOptions: { port: Number(port) },
})
app
  .dataframe(
    app.topic(topic, { key: string(), keyColumn: 'id', value: json(Change), timestamp: 'at' }),
  )
  .sink(server.table(table, { deleteWhere: 'gone', skip: ['at'], rateMax: 5_000 }))
await app.run(end === 'end' ? { until: 'end' } : {})
