/**
 * The program under measure, as a user would write it; a process of its own.
 *
 * Runs the one `Job` it is given and tells samples of its status to the process that measures,
 * whose end is its end too.
 */
import { Application, count, json, max, schema, string, sum, t, tumbling } from '@millrace/core'
import { kafka } from '@millrace/kafka'
import { rocksdb } from '@millrace/rocksdb'
import type { Job, Said } from './job.ts'

const job: Job = JSON.parse(process.argv[2] ?? '')
const Purchase = schema({ user: t.string(), amount: t.int32(), note: t.string() })

const app = new Application({
  id: job.id,
  // A process without its state is another member of the group: the killed one has to be missed.
  broker: kafka({ 'bootstrap.servers': job.bootstrap, 'session.timeout.ms': 6_000 }),
  state: rocksdb(job.stateFolder),
  guarantee: job.guarantee,
  commitInterval: job.commitIntervalMs,
  ...(job.stateBytesMax !== undefined && { stateBytesMax: job.stateBytesMax }),
})
attach()

process.on('message', async what => {
  if (what === 'state') say({ kind: 'state', stats: await app.stateStats() })
  if (what === 'stop') app.stop()
})
process.on('disconnect', () => process.exit(1))

const sampler = setInterval(tell, job.sampleMs)
try {
  await app.run(job.isBounded ? { until: 'end', flush: job.flushes ?? false } : {})
  say({ kind: 'ended', error: null })
} catch (error) {
  say({ kind: 'ended', error: String((error as Error).stack) })
  process.exitCode = 1
} finally {
  clearInterval(sampler)
}

function attach(): void {
  const purchases = app.topic(job.input, {
    key: string(),
    keyColumn: 'user',
    value: json(Purchase),
  })
  const output = app.topic(job.output)
  const frame = app.dataframe(purchases)
  if (job.pipeline === 'half') {
    frame
      .where(c => c.amount.gt(49))
      .withColumns(c => ({ double: c.amount.mul(2) }))
      .select('user', 'double')
      .toTopic(output)
    return
  }
  const window = tumbling(job.window as '10s', { grace: job.grace as '10s' })
  const windows = frame.groupBy('user').window(window, { name: 'totals' })
  if (job.pipeline !== 'latest') {
    windows
      .agg(c => ({ n: count(), total: sum(c.amount) }))
      .final()
      .toTopic(output)
  } else {
    windows
      .agg(c => ({ n: count(), note: max(c.note) }))
      .final()
      .toTopic(output)
  }
}

function tell(): void {
  const { rss: rssBytes, heapUsed: heapBytes, arrayBuffers: bufferBytes } = process.memoryUsage()
  const sinceStartMs = process.uptime() * 1000
  const sample = { sinceStartMs, status: app.status(), rssBytes, heapBytes, bufferBytes }
  say({ kind: 'sample', sample })
}

function say(said: Said): void {
  if (!process.connected) return
  process.send?.(said, () => {
    if (said.kind === 'ended') process.disconnect()
  })
}
