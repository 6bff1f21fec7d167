/** The measured runs of one case: sizes first, then the turns of the schedule that are left. */
import { grouped } from '../figures.ts'
import type { Case } from './cases.ts'
import { rateOf } from './comparison.ts'
import { type Bench, run, systemsOf } from './matrix.ts'
import { remainingOf, scheduleOf } from './schedule.ts'
import { MEASURED_S_MIN, RECORDS_MAX, type Size, sizeFor } from './sizes.ts'
import { SYSTEMS, type SystemName } from './systems.ts'

/** A calibration run is this part of a whole one. */
const CALIBRATION = 0.2
/** A guess may be this far off: it is doubled until a run is long enough to be believed. */
const CALIBRATION_S_MIN = 1.5

export async function measureCase(bench: Bench, each: Case): Promise<void> {
  const systems = systemsOf(bench, each)
  const schedule = scheduleOf(new Map(systems.map(name => [name, SYSTEMS[name].rounds])))
  const doneBy = (name: SystemName): number => bench.results.runs(each.name, name).length
  const turns = remainingOf(schedule, doneBy)
  console.log(`  ${turns.length} of ${schedule.length} runs are left`)
  for (const system of new Set(turns.map(turn => turn.system))) await calibrate(bench, each, system)
  for (const { round, system } of turns) await measure(bench, each, system, round)
}

async function calibrate(bench: Bench, each: Case, system: SystemName): Promise<void> {
  if (bench.rates.get(each.name, system) !== undefined) return
  for (let guess = SYSTEMS[system].rateGuess; ; guess *= 4) {
    const whole = sizeFor(guess)
    const size = {
      warmup: Math.ceil(whole.warmup * CALIBRATION),
      records: Math.ceil(whole.records * CALIBRATION),
    }
    const { figures } = await run(bench, each, system, size, 'measure')
    if (figures.seconds < CALIBRATION_S_MIN && guess < RECORDS_MAX) continue
    bench.rates.set(each.name, system, rateOf(figures))
    console.log(`  ${system}: about ${grouped(rateOf(figures))} records/s`)
    return
  }
}

/** A run that was too short is made again with a longer input; what it showed is remembered. */
async function measure(bench: Bench, each: Case, system: SystemName, round: number): Promise<void> {
  for (;;) {
    const size: Size = sizeFor(bench.rates.get(each.name, system) ?? SYSTEMS[system].rateGuess)
    const { figures } = await run(bench, each, system, size, 'measure')
    const isLongest = size.records >= RECORDS_MAX
    if (figures.seconds >= MEASURED_S_MIN || isLongest) {
      bench.results.addRun(each.name, system, figures)
      const rate = `${grouped(rateOf(figures))} records/s in ${figures.seconds.toFixed(1)} s`
      const cpu = ((figures.cpuSeconds * 1e6) / figures.records).toFixed(2)
      console.log(`  round ${round + 1}, ${system}: ${rate}, ${cpu} CPU s per million`)
      return
    }
    bench.rates.set(each.name, system, rateOf(figures))
  }
}
