/**
 * How long a record is under way, from when it was due to be sent to the receipt of what was made
 * of it, at a steady 20,000 records a second; against Kafka Streams.
 *
 *   npm run bench -- latency [--alone]
 *
 * Sender and receiver are processes of their own and keep to a schedule: a system that stands still
 * makes all records late that were due meanwhile, not only one. `BENCH_SECONDS` and `BENCH_ROUNDS`
 * make it shorter: five rounds of 60 s of both take 13 minutes.
 */
import type { Verdict } from '../benchmarks.ts'
import { median, table } from '../figures.ts'
import type { Lab } from '../lab.ts'
import { scheduleOf } from '../peers/schedule.ts'
import { type ServedSystem, serve } from '../peers/serve.ts'
import { setUpKafkaStreams } from '../peers/set-up.ts'
import { type InstalledStreams, SYSTEMS } from '../peers/systems.ts'
import { LoadProcess } from './load-process.ts'
import type { LoadSaid } from './messages.ts'
import { dueUs, RECORDS_PER_TICK, recordsIn } from './schedule.ts'
import { causesOf, type Latencies, STALL_US, type Stall } from './stalls.ts'
import { type Happening, nowUs } from './watch.ts'

const SECONDS = Number(process.env['BENCH_SECONDS'] ?? 60)
const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 5)
const WARMUP_S = 10
/** Until a first record has gone through a system that was just started. */
const HEARD_MS_MAX = 60_000
const BEGIN_US = 200_000
const STALLS_SHOWN = 5
const P99_MS_MAX = 12
const P50_MS_MAX = 4
/** Of the rounds. */
const PART_MET = 0.6

interface Measured extends Latencies {
  readonly round: number
  readonly system: ServedSystem
  readonly happenings: readonly Happening[]
}

export async function latency(lab: Lab, args: readonly string[]): Promise<Verdict[]> {
  const streams = args.includes('--alone') ? null : await setUpKafkaStreams()
  const counts = new Map<ServedSystem, number>([['millrace', ROUNDS]])
  if (streams !== null) counts.set('kafka-streams', ROUNDS)
  const runs: Measured[] = []
  for (const { round, system } of scheduleOf(counts)) {
    const run = { round, system, ...(await measure(lab, system, streams)) }
    tell(run)
    runs.push(run)
  }
  report(runs)
  return verdictsOf(runs, streams !== null)
}

async function measure(
  lab: Lab,
  system: ServedSystem,
  streams: InstalledStreams | null,
): Promise<Omit<Measured, 'round' | 'system'>> {
  const happenings: Happening[] = []
  const hear = (said: object): void => {
    if ('happening' in said) happenings.push(said.happening as Happening)
  }
  const [input, output] = [await lab.newTopic('input'), await lab.newTopic('output')]
  const warmup = recordsIn(WARMUP_S)
  const load = { bootstrap: lab.bootstrap, records: warmup + recordsIn(SECONDS), warmup }
  const served = serve(lab, { system, pipeline: 'half', input, output, installed: streams, hear })
  const receiver = new LoadProcess('receiver', { ...load, topic: output }, hear)
  const sender = new LoadProcess('sender', { ...load, topic: input }, hear)
  try {
    for (const each of [sender, receiver]) await each.heard('ready', HEARD_MS_MAX)
    await receiver.heard('heard', HEARD_MS_MAX)
    const startUs = nowUs() + BEGIN_US
    for (const each of [sender, receiver]) each.begin({ startUs })
    const wholeMs = dueUs(load.records) / 1_000 + HEARD_MS_MAX
    const said: LoadSaid = await receiver.heard('received', wholeMs)
    const { failure } = served.program
    if (failure !== null) throw new Error(`${system}: ${failure}`)
    const since = happenings.map(each => ({
      ...each,
      fromUs: each.fromUs - startUs,
      untilUs: each.untilUs - startUs,
    }))
    return { ...(said as { latencies: Latencies }).latencies, happenings: since }
  } finally {
    for (const each of [served, sender, receiver]) await each.end()
  }
}

function tell({ round, system, p50Us, p99Us, maxUs, stalls, happenings }: Measured): void {
  const figures = `p50 ${ms(p50Us)}, p99 ${ms(p99Us)}, most ${ms(maxUs)} ms`
  console.log(`round ${round + 1}, ${system}: ${figures}, ${stalls.length} stalls`)
  const longest = [...stalls].sort((one, two) => two.maxUs - one.maxUs).slice(0, STALLS_SHOWN)
  for (const stall of longest) console.log(`    ${textOf(stall, happenings)}`)
}

function textOf(stall: Stall, happenings: readonly Happening[]): string {
  const at = `${(stall.fromUs / 1e6).toFixed(3)} s`
  const records = `${stall.records} records, most ${ms(stall.maxUs)} ms`
  return `at ${at}: ${records}; ${causesOf(stall, happenings)}`
}

function report(runs: readonly Measured[]): void {
  const above = `stalls > ${STALL_US / 1_000} ms`
  const head = ['round', 'system', 'p50 ms', 'p99 ms', 'p99.9 ms', 'max ms', above, 'missing']
  const rows = runs.map(run => [
    String(run.round + 1),
    SYSTEMS[run.system].title,
    ...[run.p50Us, run.p99Us, run.p999Us, run.maxUs].map(ms),
    String(run.stalls.length),
    String(run.missing),
  ])
  const rate = (1_000 * RECORDS_PER_TICK).toString()
  console.log(`\n${rate} records/s, ${SECONDS} s measured after ${WARMUP_S} s`)
  console.log(`\n${table([head, ...rows])}\n`)
}

function verdictsOf(runs: readonly Measured[], isCompared: boolean): Verdict[] {
  const ours = runs.filter(({ system }) => system === 'millrace')
  const peers = runs.filter(({ system }) => system === 'kafka-streams')
  const needed = Math.ceil(PART_MET * ours.length)
  const met = ours.filter(({ round, p99Us }) => {
    const peer = peers.find(each => each.round === round)
    return p99Us <= P99_MS_MAX * 1_000 && (peer === undefined || p99Us <= peer.p99Us)
  })
  const p50Us = median(ours.map(each => each.p50Us))
  const missing = ours.reduce((sum, each) => sum + each.missing, 0)
  const against = isCompared ? ' and not above that of Kafka Streams' : ''
  return [
    {
      isMet: met.length >= needed,
      text:
        `p99 at most ${P99_MS_MAX} ms${against}: in ${met.length} of ${ours.length} rounds ` +
        `(mark ${needed})`,
    },
    { isMet: p50Us <= P50_MS_MAX * 1_000, text: `p50 ${ms(p50Us)} ms (mark ${P50_MS_MAX} ms)` },
    { isMet: missing === 0, text: `records that did not come: ${missing}` },
  ]
}

function ms(us: number): string {
  return (us / 1_000).toFixed(2)
}
