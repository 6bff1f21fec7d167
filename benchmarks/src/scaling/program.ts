/**
 * Tumbling windows in one process or several: `node program.js JOB`, until standard input ends. The
 * process that was started tells several times a second how far they are.
 */
import { Application, count, json, mean, string, sum, tumbling } from '@millrace/core'
import { kafka } from '@millrace/kafka'
import { rocksdb } from '@millrace/rocksdb'
import { Event } from '../event.ts'
import type { ScalingJob, ScalingSample } from './job.ts'

const SAMPLE_MS = 100

const job: ScalingJob = JSON.parse(process.argv[2] ?? '')
const app = new Application({
  id: job.id,
  broker: kafka({ 'bootstrap.servers': job.bootstrap, 'compression.type': 'lz4' }),
  state: rocksdb(job.state),
})
const input = app.topic(job.input, {
  key: string(),
  keyColumn: 'user_id',
  value: json(Event),
  idle: 'never',
})
app
  .dataframe(input)
  .groupBy('user_id')
  .window(tumbling('10s'), { name: 'totals' })
  .agg(c => ({ n: count(), total: sum(c.amount), average: mean(c.amount) }))
  .final()
  .toTopic(app.topic(job.output))

const isFirst = process.env['MILLRACE_PROCESS'] === undefined
if (isFirst) process.stdin.on('end', () => app.stop()).resume()
const sampler = isFirst ? setInterval(tell, SAMPLE_MS) : undefined
await app.run({ processes: job.processes })
clearInterval(sampler)

function tell(): void {
  const { tasks, processes } = app.status()
  const busy = processes.filter(each => each.tasks.length > 0)
  const sample: ScalingSample = {
    atMs: performance.now(),
    positions: tasks.map(({ position }) => position),
    processes: job.processes === 1 ? 1 : busy.length,
  }
  process.stdout.write(`${JSON.stringify(sample)}\n`)
}
