/**
 * The loops that every record goes through, in one process and in turns; and the garbage that
 * pipelines make. `npm run bench -- micro` needs no broker, and two minutes.
 */
import type { Verdict } from '../benchmarks.ts'
import { median, quantile, table } from '../figures.ts'
import { BATCH_RECORDS } from './events.ts'
import { leastGarbageOf } from './garbage.ts'
import { type Kernel, kernels } from './kernels.ts'
import { BYTES_PER_RECORD_MAX, COLUMN_PIPELINES, tumblingTotals } from './pipelines.ts'

const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 100)
/** These are not counted. */
const ROUNDS_WARM = 20
/** A turn of a kernel. */
const PASSES = 10
const RECORDS = Number(process.env['BENCH_RECORDS'] ?? 2_000_000)
/** What the others are compared with in each round. */
const BASE = 'scan, all fields'

export async function micro(): Promise<Verdict[]> {
  reportKernels(measured(await kernels()))
  const verdicts: Verdict[] = []
  for (const [name, attach] of COLUMN_PIPELINES) {
    const bytes = await leastGarbageOf(attach, RECORDS, BYTES_PER_RECORD_MAX)
    const figure = `${bytes.toFixed(1)} bytes per record`
    const text = `garbage, ${name}: ${figure} (mark ${BYTES_PER_RECORD_MAX})`
    verdicts.push({ isMet: bytes <= BYTES_PER_RECORD_MAX, text })
  }
  const windows = await leastGarbageOf(tumblingTotals, RECORDS, 0)
  console.log(`garbage, tumbling 10 s, 10 k keys: ${windows.toFixed(1)} bytes per record, no mark`)
  return verdicts
}

/** Nanoseconds per record of each round, by kernel; who begins changes from round to round. */
function measured(all: readonly Kernel[]): Map<string, number[]> {
  const times = new Map<string, number[]>(all.map(({ name }) => [name, []]))
  for (let round = -ROUNDS_WARM; round < ROUNDS; round++) {
    for (const { name, run } of round % 2 === 0 ? all : [...all].reverse()) {
      const from = performance.now()
      for (let pass = 0; pass < PASSES; pass++) run()
      const ns = ((performance.now() - from) * 1e6) / (PASSES * BATCH_RECORDS)
      if (round >= 0) times.get(name)?.push(ns)
    }
  }
  return times
}

function reportKernels(times: ReadonlyMap<string, readonly number[]>): void {
  const base = times.get(BASE) ?? []
  const rows = [...times].map(([name, ns]) => [
    name,
    median(ns).toFixed(1),
    `${quantile(ns, 0.25).toFixed(1)} to ${quantile(ns, 0.75).toFixed(1)}`,
    // Of each round its own ratio: what else the machine does meets both.
    median(ns.map((each, round) => each / (base[round] as number))).toFixed(2),
  ])
  console.log(`\n${table([['kernel', 'ns per record', 'quarters', `× ${BASE}`], ...rows])}\n`)
}
