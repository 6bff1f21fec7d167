/**
 * The pipelines of the benchmarks on Millrace, as a user would write them; a process of its own.
 *
 * `node program.js name=value …`. Tells on standard output, as the programs of the other systems
 * do, when the warm-up and when all records are processed, then what that took. Records count when
 * the last task of the pipeline has taken them in, so those in a repartition topic do not.
 */
import { avro } from '@millrace/avro'
import {
  Application,
  count,
  hopping,
  json,
  mean,
  type RowOf,
  type Serde,
  string,
  sum,
  type TimeWindow,
  tumbling,
} from '@millrace/core'
import { kafka } from '@millrace/kafka'
import { rocksdb } from '@millrace/rocksdb'
import { AVRO_EVENT, Event } from '../event.ts'
import { type Happening, watchProcess } from '../latency/watch.ts'
import { watchCommits } from '../latency/watch-commits.ts'
import { jobOf } from './job.ts'
import { Marks } from './marks.ts'

const SAMPLE_MS = 10
const job = jobOf(process.argv.slice(2))

const app = new Application({
  id: job.id,
  broker: kafka({ 'bootstrap.servers': job.bootstrap, 'compression.type': 'lz4' }),
  state: rocksdb(job.state),
  commitInterval: job.commitMs,
})
const taskCount = job.pipeline === 'repartition' ? 2 : 1
const marks = new Marks(job)

attach()
if (job.mode === 'serve') serve()
const sampler = job.mode === 'serve' ? undefined : setInterval(sample, SAMPLE_MS)
await app.run()
clearInterval(sampler)
marks.report()
process.exit(0)

function attach(): void {
  const input = app.topic(job.input, {
    key: string(),
    keyColumn: 'user_id',
    value: job.registry === undefined ? json(Event) : avroEvents(job.registry),
    idle: 'never',
  })
  const output = app.topic(job.output)
  const frame = app.dataframe(input)
  const totals = (column: 'user_id' | 'page', window: TimeWindow, from = frame): void => {
    from
      .groupBy(column)
      .window(window, { name: 'totals' })
      .agg(c => ({ n: count(), total: sum(c.amount), average: mean(c.amount) }))
      .final()
      .toTopic(output)
  }
  if (job.pipeline === 'read') frame.where(c => c.amount.lt(0)).toTopic(output)
  if (job.pipeline === 'half') {
    frame
      .where(c => c.amount.gte(55))
      .withColumns(c => ({ doubled: c.amount.mul(2) }))
      .select('user_id', 'doubled')
      .toTopic(output)
  }
  if (job.pipeline === 'map') {
    frame
      .map(({ user_id, event, amount, ts, page, session }) => ({
        size: amount + ts + user_id.length + event.length + page.length + session.length,
      }))
      .filter(row => row.size < 0)
      .toTopic(output)
  }
  if (job.pipeline === 'tumbling') totals('user_id', tumbling('10s'))
  if (job.pipeline === 'where-tumbling') {
    totals(
      'user_id',
      tumbling('10s'),
      frame.where(c => c.amount.gte(55)),
    )
  }
  if (job.pipeline === 'hopping') totals('user_id', hopping('10s', { step: '1s' }))
  if (job.pipeline === 'repartition') totals('page', tumbling('10s'))
}

function avroEvents(registry: string): Serde<RowOf<typeof Event>> {
  return avro({ registry, readerSchema: AVRO_EVENT })
}

/** Until standard input ends; tells what holds records up. */
function serve(): void {
  process.stdin.on('end', () => app.stop()).resume()
  watchProcess('Millrace', tellHappening)
  watchCommits(app, tellHappening)
}

function tellHappening(happening: Happening): void {
  process.stdout.write(`${JSON.stringify({ happening })}\n`)
}

function sample(): void {
  const { tasks } = app.status()
  if (tasks.length < taskCount) return
  const records = Math.min(...tasks.map(({ counters }) => counters['records_in'] ?? 0))
  if (!marks.passed(records)) return
  // What stands in a repartition topic closes no window before it was told of time at a commit.
  if (job.mode === 'check') setTimeout(() => app.stop(), taskCount > 1 ? 3 * job.commitMs : 0)
  // Whoever measures reads /proc when it hears of a mark.
  else setTimeout(end, 300)
}

/** Without a last commit: what was measured is measured. */
function end(): void {
  marks.report()
  process.exit(0)
}
