/** Counts per user and window, through a broker inside the process, with state on disk. */
const { mkdtempSync, readdirSync, rmSync } = require('node:fs')
const { tmpdir } = require('node:os')
const { join } = require('node:path')

const USERS = ['ann', 'bob', 'ann', 'cid', 'ann', 'bob']

exports.run = async ({ core, kafka, rocksdb }) => {
  const { Application, count, fromArray, json, schema, string, t, tumbling } = core
  const folder = mkdtempSync(join(tmpdir(), 'millrace-on-disk-'))
  const broker = kafka.embeddedBroker()
  await broker.start()
  try {
    const app = new Application({ id: 'on-disk', broker, state: rocksdb.rocksdb(folder) })
    const Visit = schema({ user: t.string(), at: t.timestamp() })
    const create = { partitions: 2 }
    const visits = app.topic('visits', {
      key: string(),
      keyColumn: 'user',
      value: json(Visit),
      timestamp: 'at',
      create,
    })
    const rows = USERS.map((user, i) => ({ user, at: 1_760_000_000_000 + i * 1_000 }))
    const feed = new Application({ id: 'feed', broker })
    feed
      .dataframe(fromArray(rows, { schema: Visit, timestamp: 'at' }))
      .withKey('user')
      .toTopic(feed.topic('visits', { key: string(), value: json(Visit), create }))
    await feed.run()
    const output = app.topic('counts', { create })
    app
      .dataframe(visits)
      .groupBy('user')
      .window(tumbling('10s'))
      .agg(() => ({ n: count() }))
      .final()
      .toTopic(output)
    await app.run({ until: 'end', flush: true })
    const counted = await app.dataframe(output).collect()
    const counts = counted.map(({ user, n }) => `${user} ${n}`).sort()
    const state = readdirSync(join(folder, 'on-disk/0')).filter(name => !name.endsWith('.lock'))
    console.log(JSON.stringify({ counts, major: process.versions.node.split('.')[0], state }))
  } finally {
    await broker.close()
    rmSync(folder, { recursive: true, force: true })
  }
}
