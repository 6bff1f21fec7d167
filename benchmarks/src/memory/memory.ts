/**
 * Resident memory over some minutes of steady load, of a pipeline without state and of tumbling
 * windows, here and on Kafka Streams; all of them read the same topic at the same time.
 *
 *   npm run bench -- memory [--alone]
 *
 * 20,000 records a second, 9,000 users, two windows of 10 s a second of wall time. `BENCH_SECONDS`
 * makes it longer or shorter than five minutes; its first part is warm-up.
 */
import type { Verdict } from '../benchmarks.ts'
import { median, mib, table } from '../figures.ts'
import type { Lab } from '../lab.ts'
import { LoadProcess } from '../latency/load-process.ts'
import { recordsIn } from '../latency/schedule.ts'
import { nowUs } from '../latency/watch.ts'
import type { PipelineName } from '../peers/job.ts'
import { usageOfTree } from '../peers/process-tree.ts'
import { type Served, type ServedSystem, serve } from '../peers/serve.ts'
import { setUpKafkaStreams } from '../peers/set-up.ts'
import { SYSTEMS } from '../peers/systems.ts'
import { growthPerMinute, type Size } from './growth.ts'

const SECONDS = Number(process.env['BENCH_SECONDS'] ?? 300)
const WARM_PART = 0.4
const SAMPLE_MS = 1_000
/** Of the median, a minute. */
const GROWTH_PART_MAX = 0.02
const READY_MS_MAX = 60_000
const BEGIN_US = 200_000

interface Watched {
  readonly system: ServedSystem
  readonly pipeline: PipelineName
  readonly served: Served
  readonly sizes: Size[]
}

export async function memory(lab: Lab, args: readonly string[]): Promise<Verdict[]> {
  const installed = args.includes('--alone') ? null : await setUpKafkaStreams()
  const systems: readonly ServedSystem[] =
    installed === null ? ['millrace'] : ['millrace', 'kafka-streams']
  const input = await lab.newTopic('input')
  const watched: Watched[] = []
  try {
    for (const system of systems) {
      for (const pipeline of ['half', 'tumbling'] as const) {
        const output = await lab.newTopic('output')
        const served = serve(lab, { system, pipeline, input, output, installed })
        watched.push({ system, pipeline, served, sizes: [] })
      }
    }
    await load(lab, input, watched)
  } finally {
    for (const { served } of watched) await served.end()
  }
  return reported(watched)
}

async function load(lab: Lab, topic: string, watched: readonly Watched[]): Promise<void> {
  const job = { bootstrap: lab.bootstrap, topic, records: recordsIn(SECONDS), warmup: 0 }
  const sender = new LoadProcess('sender', job, () => {})
  const sampler = setInterval(() => {
    for (const { served, sizes } of watched) {
      sizes.push({ atMs: performance.now(), bytes: usageOfTree(served.program.pid).rssBytes })
    }
  }, SAMPLE_MS)
  try {
    await sender.heard('ready', READY_MS_MAX)
    sender.begin({ startUs: nowUs() + BEGIN_US })
    await sender.heard('sent', SECONDS * 1_000 + READY_MS_MAX)
    for (const { served } of watched) {
      const { failure } = served.program
      if (failure !== null) throw new Error(failure)
    }
  } finally {
    clearInterval(sampler)
    await sender.end()
  }
}

function reported(watched: readonly Watched[]): Verdict[] {
  const head = ['system', 'pipeline', 'resident, median', 'at most', 'growth a minute']
  const rows: string[][] = []
  const verdicts: Verdict[] = []
  for (const { system, pipeline, sizes } of watched) {
    const measured = sizes.slice(Math.floor(sizes.length * WARM_PART))
    const middle = median(measured.map(({ bytes }) => bytes))
    const most = sizes.reduce((so, { bytes }) => Math.max(so, bytes), 0)
    const growth = growthPerMinute(measured)
    const megabytes = `${(growth / 1024 / 1024).toFixed(1)} MiB`
    rows.push([SYSTEMS[system].title, pipeline, mib(middle), mib(most), megabytes])
    if (system !== 'millrace') continue
    verdicts.push({
      isMet: growth <= GROWTH_PART_MAX * middle,
      text:
        `${pipeline} grows by ${megabytes} a minute after the warm-up ` +
        `(mark ${GROWTH_PART_MAX * 100} % of ${mib(middle)})`,
    })
  }
  console.log(`\n${table([head, ...rows])}\n`)
  return verdicts
}
