/**
 * Two processes on two partitions against one, with tumbling windows of 10,000 keys, and what the
 * broker takes meanwhile: `npm run bench -- scaling`, about four minutes.
 *
 * Broker and processes share the cores of one machine. Where the broker takes little, two processes
 * have to do one and a half times what one does; else three quarters of what the cores that it
 * leaves could do at the rate of one. The measured part is from when the first part of each
 * partition has been read, and each process has one, to when most of the input has.
 */
import { rm } from 'node:fs/promises'
import { cpus } from 'node:os'
import type { Verdict } from '../benchmarks.ts'
import { grouped, median, table } from '../figures.ts'
import type { Lab } from '../lab.ts'
import { produce } from '../peers/input-topics.ts'
import { usageOfTree } from '../peers/process-tree.ts'
import { ServedRun } from '../peers/served-run.ts'
import type { ScalingJob, ScalingSample } from './job.ts'
import { type Mark, markOf } from './mark.ts'

const RECORDS = Number(process.env['BENCH_RECORDS'] ?? 16_000_000)
const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 3)
const KEYS = 10_000
const PARTITIONS = 2
const WARM_PART = 0.15
const END_PART = 0.85
const RUN_MS_MAX = 3 * 60_000
const PROGRAM = new URL('./program.js', import.meta.url)

interface Measured {
  readonly processes: number
  readonly rate: number
  /** Cores, busy. */
  readonly ourCores: number
  readonly brokerCores: number
}

export async function scaling(lab: Lab): Promise<Verdict[]> {
  const input = lab.newName('input')
  await lab.createTopic(input, PARTITIONS)
  const production = { topic: input, keys: KEYS, from: 0, to: RECORDS, format: [] }
  await produce(lab, { ...production, partitions: PARTITIONS })
  const rounds: Measured[][] = []
  for (let round = 0; round < ROUNDS; round++) {
    const runs: Measured[] = []
    for (const processes of round % 2 === 0 ? [1, 2] : [2, 1]) {
      const run = await measure(lab, input, processes)
      const rate = `${grouped(run.rate)} records/s`
      const cores = `${run.ourCores.toFixed(2)} cores, broker ${run.brokerCores.toFixed(2)}`
      console.log(`round ${round + 1}, ${processes} processes: ${rate}, ${cores}`)
      runs.push(run)
    }
    rounds.push(runs.sort((one, two) => one.processes - two.processes))
  }
  report(rounds.flat())
  const ratio = median(rounds.map(([one, two]) => (two?.rate ?? 0) / (one?.rate ?? 1)))
  const brokerCores = median(rounds.map(([, two]) => two?.brokerCores ?? 0))
  const mark: Mark = markOf(cpus().length, brokerCores)
  return [
    {
      isMet: ratio >= mark.ratio,
      text: `two processes: ${ratio.toFixed(2)} × one (mark ${mark.ratio.toFixed(2)}: ${mark.why})`,
    },
  ]
}

async function measure(lab: Lab, input: string, processes: number): Promise<Measured> {
  const id = lab.newName(`scaling-${processes}`)
  const output = lab.newName('output')
  await lab.createTopic(output, PARTITIONS)
  const state = lab.stateFolder(id)
  const job: ScalingJob = { bootstrap: lab.bootstrap, id, input, output, state, processes }
  let hear = (_: ScalingSample): void => {}
  const command = { program: process.execPath, args: [PROGRAM.pathname, JSON.stringify(job)] }
  const program = new ServedRun(command, said => hear(said as ScalingSample))
  const reached = (isReached: (sample: ScalingSample) => boolean): Promise<ScalingSample> =>
    new Promise((resolve, reject) => {
      const late = () => reject(new Error(program.failure ?? 'it did not get so far in time'))
      const timer = setTimeout(late, RUN_MS_MAX)
      hear = sample => {
        if (!isReached(sample)) return
        clearTimeout(timer)
        hear = () => {}
        resolve(sample)
      }
    })
  const usage = () => ({ ours: cpuOf(program.pid), broker: cpuOf(lab.brokerPid) })
  try {
    const warm = (RECORDS / PARTITIONS) * WARM_PART
    const from = await reached(
      sample =>
        sample.processes === processes &&
        sample.positions.length === PARTITIONS &&
        sample.positions.every(position => position >= warm),
    )
    const before = usage()
    const to = await reached(({ positions }) => sum(positions) >= RECORDS * END_PART)
    const after = usage()
    const seconds = (to.atMs - from.atMs) / 1_000
    return {
      processes,
      rate: (sum(to.positions) - sum(from.positions)) / seconds,
      ourCores: (after.ours - before.ours) / seconds,
      brokerCores: (after.broker - before.broker) / seconds,
    }
  } finally {
    await program.end()
    await rm(state, { recursive: true, force: true })
  }
}

function report(runs: readonly Measured[]): void {
  const rows = runs.map(({ processes, rate, ourCores, brokerCores }) => [
    String(processes),
    grouped(rate),
    ourCores.toFixed(2),
    brokerCores.toFixed(2),
  ])
  console.log(`\n${table([['processes', 'records/s', 'cores', 'cores of the broker'], ...rows])}\n`)
}

/** CPU-seconds so far; 0 of a broker that was not started here. */
function cpuOf(pid: number | undefined): number {
  return pid === undefined ? 0 : usageOfTree(pid).cpuSeconds
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
