/**
 * Writes the changes of a topic into tables until it is killed, or until the topic's end: the rows,
 * their totals (`_totals`), and some of them as lists (`_lists`). A program of its own, so that it
 * can be killed.
 *
 *   node keep-rows.mjs BOOTSTRAP TOPIC CASSANDRA_PORT TABLE ID [end]
 *
 * It prints `flush` when an epoch's rows must all be written, and `flushed` when they are.
 */
import { cassandra } from '@millrace/cassandra'
import { Application, json, schema, string, t } from '@millrace/core'
import { kafka } from '@millrace/kafka'

const [bootstrap, topic, port, table, id, end] = process.argv.slice(2)
const Change = schema({ id: t.string(), n: t.int32(), gone: t.boolean(), at: t.timestamp() })
const app = new Application({
  id,
  broker: kafka({ 'bootstrap.servers': bootstrap, 'session.timeout.ms': 6_000 }),
  commitInterval: 300,
})
const server = cassandra({
  contactPoints: ['127.0.0.1'],
  localDataCenter: 'datacenter1',
  protocolOptions: { port: Number(port) },
})

/** Rows are still on their way when a flush begins: fewer go out per second than are read. */
const rows = server.table(table, {
  deleteWhere: 'gone',
  skip: ['at'],
  rateMax: 2_000,
  bufferBytesMax: 256 * 1024,
})

/** @type {import('@millrace/core').SinkDefinition} */
const watched = {
  name: 'watched',
  create(task) {
    const sink = rows.create(task)
    const prepare = sink.prepare.bind(sink)
    sink.prepare = async epoch => {
      process.stdout.write('flush\n')
      const receipt = await prepare(epoch)
      process.stdout.write('flushed\n')
      return receipt
    }
    return sink
  },
}

const changes = app.dataframe(
  app.topic(topic, { key: string(), keyColumn: 'id', value: json(Change), timestamp: 'at' }),
)
changes.sink(watched)
changes
  .groupBy('id')
  .reduce({
    name: 'totals',
    schema: schema({ changes: t.int32(), total: t.int64() }),
    init: ({ n }) => ({ changes: 1, total: BigInt(n) }),
    add: ({ changes, total }, { n }) => ({ changes: changes + 1, total: total + BigInt(n) }),
  })
  .sink(server.table(`${table}_totals`))
changes
  .filter(({ n }) => n % 30 === 0)
  .map(({ id, n }) => ({ id, added: [n] }))
  .sink(
    server.table(`${table}_lists`, {
      write: 'update',
      columns: { added: { add: 'added' } },
      tombstones: 'ignore',
      fence: 'applied',
    }),
  )
await app.run(end === 'end' ? { until: 'end' } : {})
