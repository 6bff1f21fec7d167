/**
 * What exactly-once costs against at-least-once, and how long a commit of little takes.
 *
 * One input, one partition; runs of both guarantees take turns, so that what else the machine does
 * meets both. The rate is of the time between the first record and the last, start and end of the
 * process left out. Outputs go through librdkafka under both guarantees.
 */
import type { CommitStatus, Guarantee } from '@millrace/core'
import type { Verdict } from './benchmarks.ts'
import { grouped, median, quantile, table } from './figures.ts'
import type { Job, Sample } from './job.ts'
import type { InputRecord, Lab } from './lab.ts'
import { rateOf } from './run-rate.ts'

const BASE = 1_750_000_000_000
const USERS = 10_000
const RECORDS = Number(process.env['BENCH_RECORDS'] ?? 4_000_000)
const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 5)
/** Records per millisecond of event time. */
const DENSITY = 10
const GUARANTEES = ['at-least-once', 'exactly-once'] as const
const COST_MAX: Readonly<Record<number, number>> = { 1000: 0.07, 100: 0.15 }
const SMALL_COMMIT_MS_MAX = 10
/** A broker that has just started interprets what it compiles later, so most commits warm it up. */
const SMALL_ROUNDS = 2
const SMALL_TURNS = 300
const SMALL_COUNTED = 100

interface Figures {
  readonly rates: number[]
  readonly commits: CommitStatus[]
}

export async function durable(lab: Lab, args: readonly string[]): Promise<Verdict[]> {
  const verdicts: Verdict[] = []
  if (!args.includes('--only-throughput')) verdicts.push(...(await smallCommits(lab)))
  if (args.includes('--only-small')) return verdicts
  const input = await lab.newTopic('input')
  await lab.write(input, purchases())
  for (const pipeline of ['totals', 'half'] as const) {
    if (args.includes('--only-totals') && pipeline === 'half') continue
    for (const commitIntervalMs of [1000, 100]) {
      const verdict = await compare(lab, input, { pipeline, commitIntervalMs })
      verdicts.push(verdict)
    }
  }
  return verdicts
}

function* purchases(): Generator<InputRecord> {
  const note = 'a note of about forty characters, no more'
  for (let i = 0; i < RECORDS; i++) {
    const user = `user-${(i * 7_919) % USERS}`
    yield { user, amount: (i * 31) % 100, note, timestamp: BASE + Math.floor(i / DENSITY) }
  }
}

type Setting = Pick<Job, 'pipeline' | 'commitIntervalMs'>

async function compare(lab: Lab, input: string, setting: Setting): Promise<Verdict> {
  const { pipeline, commitIntervalMs } = setting
  const figures = new Map<Guarantee, Figures>()
  for (const guarantee of GUARANTEES) figures.set(guarantee, { rates: [], commits: [] })
  for (let round = 0; round < ROUNDS; round++) {
    const order = round % 2 === 0 ? GUARANTEES : [...GUARANTEES].reverse()
    for (const guarantee of order) {
      const samples = await measured(lab, input, guarantee, setting)
      const { rates, commits } = figures.get(guarantee) as Figures
      rates.push(rateOf(samples))
      commits.push(...commitsOf(samples))
      process.stdout.write(`${pipeline} ${commitIntervalMs} ms ${guarantee}: `)
      console.log(`${grouped(rates.at(-1) ?? 0)} records/s`)
    }
  }
  const rows = [...figures].map(([guarantee, { rates, commits }]) => [
    `${pipeline}, ${guarantee}, ${commitIntervalMs} ms`,
    grouped(median(rates)),
    `${grouped(Math.min(...rates))} – ${grouped(Math.max(...rates))}`,
    ...timesOf(commits),
  ])
  console.log(`\n${table([['pipeline', 'records/s', 'spread', ...COMMIT_HEAD], ...rows])}\n`)
  const [atLeast, exactly] = GUARANTEES.map(each => (figures.get(each) as Figures).rates)
  const pairs = (atLeast ?? []).map((rate, i) => 1 - (exactly?.[i] ?? 0) / rate)
  const cost = 1 - median(exactly ?? []) / median(atLeast ?? [])
  const costMax = COST_MAX[commitIntervalMs] as number
  const text =
    `exactly-once costs ${percent(cost)} (at most ${percent(costMax)}; median of pairs ` +
    `${percent(median(pairs))}): ${pipeline}, commit every ${commitIntervalMs} ms`
  return { isMet: cost <= costMax, text }
}

async function measured(
  lab: Lab,
  input: string,
  guarantee: Guarantee,
  setting: Setting,
): Promise<readonly Sample[]> {
  const id = lab.newName('durable')
  const program = lab.run({
    ...setting,
    id,
    input,
    output: await lab.newTopic('output'),
    window: '10s',
    grace: '0s',
    guarantee,
    stateFolder: lab.stateFolder(id),
    isBounded: true,
    sampleMs: 20,
  })
  await program.ended()
  return program.samples
}

/** Each commit once; the first is left out, it warms up. */
function commitsOf(samples: readonly Sample[]): CommitStatus[] {
  const byEpoch = new Map<number, CommitStatus>()
  for (const { status } of samples) {
    if (status.lastCommit !== null) byEpoch.set(status.lastCommit.epoch, status.lastCommit)
  }
  return [...byEpoch.values()].slice(1)
}

const COMMIT_HEAD = ['commits', 'commit ms', 'p95', 'changelog', 'flush', 'commit', 'keep']

function timesOf(commits: readonly CommitStatus[]): string[] {
  const ms = (of: (commit: CommitStatus) => number | undefined): string =>
    median(commits.map(commit => of(commit) ?? 0)).toFixed(1)
  const p95 = quantile(
    commits.map(commit => commit.ms),
    0.95,
  )
  return [
    String(commits.length),
    ms(commit => commit.ms),
    p95.toFixed(1),
    ms(({ steps }) => steps.changelog),
    ms(({ steps }) => steps.flush),
    ms(({ steps }) => steps.commit),
    ms(({ steps }) => steps.keep),
  ]
}

/** Commits of a handful of records each, with state; the last round counts. */
async function smallCommits(lab: Lab): Promise<Verdict[]> {
  const counted = new Map<Guarantee, readonly CommitStatus[]>()
  for (let round = 0; round < SMALL_ROUNDS; round++) {
    for (const guarantee of GUARANTEES) counted.set(guarantee, await trickled(lab, guarantee))
  }
  const rows = [...counted].map(([guarantee, commits]) => [
    `a few records, ${guarantee}`,
    ...timesOf(commits),
  ])
  console.log(`\n${table([['epochs', ...COMMIT_HEAD], ...rows])}\n`)
  return [...counted].map(([guarantee, commits]) => {
    const ms = median(commits.map(commit => commit.ms))
    const text = `one commit of a few records takes ${ms.toFixed(1)} ms, ${guarantee}`
    return { isMet: ms <= SMALL_COMMIT_MS_MAX, text: `${text} (at most ${SMALL_COMMIT_MS_MAX})` }
  })
}

async function trickled(lab: Lab, guarantee: Guarantee): Promise<readonly CommitStatus[]> {
  const id = lab.newName('small')
  const input = await lab.newTopic('trickle')
  const program = lab.run({
    id,
    input,
    output: await lab.newTopic('output'),
    pipeline: 'totals',
    window: '10s',
    grace: '0s',
    guarantee,
    commitIntervalMs: 100,
    stateFolder: lab.stateFolder(id),
    isBounded: false,
    sampleMs: 20,
  })
  await program.until(({ status }) => status.tasks.length > 0)
  await trickle(lab, input)
  await program.stop()
  return commitsOf(program.samples).slice(-SMALL_COUNTED)
}

/** Five records at a time, so that each epoch has some; each time in a window of its own. */
async function trickle(lab: Lab, input: string): Promise<void> {
  for (let turn = 0; turn < SMALL_TURNS; turn++) {
    const timestamp = BASE + turn * 1_000
    const user = (i: number): string => `user-${i}`
    const records = Array.from({ length: 5 }, (_, i) => ({ user: user(i), amount: i, note: '' }))
    await lab.write(
      input,
      records.map(record => ({ ...record, timestamp })),
    )
    await new Promise(resolve => setTimeout(resolve, 60))
  }
}

function percent(part: number): string {
  return `${(part * 100).toFixed(1)} %`
}
