/**
 * First output of a process that starts again after kill -9, with a million open windows.
 *
 * While the process is dead, one record is written that closes the windows of the first hour. The
 * time is from the start of the process to its first result in the output topic. Then a record
 * closes the million, and every result is compared.
 */
import type { Guarantee, RawBatch } from '@millrace/core'
import type { Verdict } from './benchmarks.ts'
import { grouped, mib, table } from './figures.ts'
import type { InputRecord, Lab } from './lab.ts'
import { amountOf, BASE, HOUR_MS, makeOpenWindows, USERS_BEFORE, userOf } from './open-windows.ts'

const USERS = Number(process.env['BENCH_RECORDS'] ?? 1_000_000)
const FIRST_OUTPUT_MS_MAX = 3_000
/** What was committed last may not be in local state yet; most of it is. */
const RESTORED_MAX = USERS / 2

export async function restart(lab: Lab): Promise<Verdict[]> {
  const rows: string[][] = []
  const verdicts: Verdict[] = []
  for (const guarantee of ['at-least-once', 'exactly-once'] as const) {
    const figures = await restarted(lab, guarantee)
    const { firstMs, openMs, bytesRestored, recordsRestored, allMs, wrong } = figures
    rows.push([
      guarantee,
      `${openMs.toFixed(0)} ms`,
      `${firstMs.toFixed(0)} ms`,
      `${grouped(recordsRestored)} (${mib(bytesRestored)})`,
      `${(allMs / 1000).toFixed(1)} s`,
      String(wrong),
    ])
    const took = `first output ${firstMs.toFixed(0)} ms after the start, ${guarantee}`
    const text = `${took} (at most ${FIRST_OUTPUT_MS_MAX}); ${mib(bytesRestored)} restored`
    console.log(text)
    verdicts.push({
      isMet: firstMs <= FIRST_OUTPUT_MS_MAX && wrong === 0 && recordsRestored < RESTORED_MAX,
      text: `${text}; wrong=${wrong}`,
    })
  }
  const head = ['guarantee', 'task open', 'first output', 'restored', 'closing 1 M', 'wrong']
  console.log(`\n${table([head, ...rows])}\n`)
  return verdicts
}

interface Restarted {
  readonly firstMs: number
  readonly openMs: number
  readonly bytesRestored: number
  readonly recordsRestored: number
  readonly allMs: number
  readonly wrong: number
}

async function restarted(lab: Lab, guarantee: Guarantee): Promise<Restarted> {
  const { job } = await makeOpenWindows(lab, guarantee, USERS)
  await lab.write(job.input, [at(2 * HOUR_MS)])
  const outputs = await lab.follow(job.output)
  const results = new Map<string, string>()
  const program = lab.run(job)
  collect(await outputs.next(), results)
  const firstMs = Date.now() - program.startedAt
  while (results.size < USERS_BEFORE) collect(await outputs.next(), results)
  const { status } = await program.until(sample => sample.status.restores.length > 0)
  const opened = program.samples.find(sample => sample.status.tasks.length > 0)
  const since = Date.now()
  await lab.write(job.input, [at(3 * HOUR_MS)])
  while (results.size < USERS_BEFORE + USERS) collect(await outputs.next(), results)
  const allMs = Date.now() - since
  await program.kill()
  await outputs.close()
  const [restored] = status.restores
  return {
    firstMs,
    openMs: opened?.sinceStartMs ?? Number.NaN,
    bytesRestored: restored?.bytesRead ?? 0,
    recordsRestored: restored?.recordsRead ?? 0,
    allMs,
    wrong: wrongResults(results),
  }
}

/** A record whose time closes windows. */
function at(afterBaseMs: number): InputRecord {
  return { user: 'clock', amount: 0, note: '', timestamp: BASE + afterBaseMs }
}

function collect(raw: RawBatch, results: Map<string, string>): void {
  for (let i = 0; i < raw.count; i++) {
    const start = raw.valueStart[i] as number
    const text = raw.data.toString('utf8', start, start + (raw.valueSize[i] as number))
    const { user, window_start, n, total } = JSON.parse(text)
    const key = `${window_start} ${user}`
    const value = `${n} ${total}`
    results.set(key, results.has(key) && results.get(key) !== value ? 'two results' : value)
  }
}

/** By arithmetic: each user has one record in each hour it is in. */
function wrongResults(results: ReadonlyMap<string, string>): number {
  let wrong = 0
  const check = (hour: number, users: number): void => {
    for (let i = 0; i < users; i++) {
      const value = results.get(`${BASE + hour * HOUR_MS} ${userOf(i)}`)
      if (value !== `1 ${amountOf(i)}`) wrong++
    }
  }
  check(0, USERS_BEFORE)
  check(1, USERS)
  return wrong
}
