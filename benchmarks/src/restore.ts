/** How fast state comes back from its changelog, when the local disk is empty. */
import { rm } from 'node:fs/promises'
import type { Verdict } from './benchmarks.ts'
import { grouped, median, mib, table } from './figures.ts'
import type { Lab } from './lab.ts'
import { makeMillionWindows } from './million-windows.ts'

const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 3)
const RATE_MIN = 100_000

export async function restore(lab: Lab): Promise<Verdict[]> {
  const { job } = await makeMillionWindows(lab, 'exactly-once')
  const rates: number[] = []
  const rows: string[][] = []
  for (let round = 1; round <= ROUNDS; round++) {
    await rm(job.stateFolder, { recursive: true, force: true })
    const program = lab.run(job)
    const { status } = await program.until(sample => sample.status.tasks.length > 0)
    const restored = status.restores[0]
    if (restored === undefined) throw new Error('nothing was restored')
    await program.kill()
    const { recordsRead, bytesRead, ms, recordsPerSecond } = restored
    rates.push(recordsPerSecond)
    console.log(`run ${round}: ${grouped(recordsPerSecond)} records/s`)
    rows.push([
      String(round),
      grouped(recordsRead),
      mib(bytesRead),
      `${(ms / 1000).toFixed(1)} s`,
      grouped(recordsPerSecond),
    ])
  }
  console.log(`\n${table([['run', 'records', 'bytes', 'time', 'records/s'], ...rows])}\n`)
  const rate = median(rates)
  const text = `restore: ${grouped(rate)} records/s (at least ${grouped(RATE_MIN)})`
  return [{ isMet: rate >= RATE_MIN, text }]
}
