/**
 * Whether all systems give the same results of one case, on a common beginning of the input.
 *
 * Compared is what every system must have given: rows of windows that end, and records that lie, a
 * second before the last record read.
 */
import type { RawBatch } from '@millrace/core'
import type { Lab } from '../lab.ts'
import type { Case } from './cases.ts'
import { type Checksum, checksumOf, type OutputRow } from './checksum.ts'
import { BASE_MS, RECORDS_PER_MS } from './input-topics.ts'
import { type Bench, rivalsOf, run } from './matrix.ts'
import { SYSTEMS, type SystemName } from './systems.ts'

const MARGIN_MS = 1_000
/** For a few windows of 10 s at ten records a millisecond. */
const RECORDS = 1_000_000

export async function checkCase(bench: Bench, each: Case): Promise<void> {
  for (const system of rivalsOf(bench, each)) {
    for (const records of countsOf(bench, each, system)) await check(bench, each, system, records)
  }
}

/** A peer that is too slow is compared on fewer records, and so Millrace is on as many, too. */
function countsOf(bench: Bench, each: Case, system: SystemName): Set<number> {
  if (system !== 'millrace') return new Set([checkedRecords(system)])
  return new Set(rivalsOf(bench, each).map(checkedRecords))
}

export function checkedRecords(system: SystemName): number {
  return Math.min(RECORDS, SYSTEMS[system].checkedRecordsMax)
}

/** What a checksum is kept under. */
export function checkName(each: Case, records: number): string {
  return `${each.name} of ${records}`
}

async function check(bench: Bench, each: Case, system: SystemName, records: number): Promise<void> {
  const name = checkName(each, records)
  if (bench.results.checksum(name, system) !== undefined) return
  const size = { warmup: Math.ceil(records / 10), records }
  const { output } = await run(bench, each, system, size, 'check')
  const untilMs = BASE_MS + records / RECORDS_PER_MS - MARGIN_MS
  const rows = await rowsOf(bench.lab, output, untilMs)
  const checksum: Checksum = checksumOf(rows, SYSTEMS[system].givesUpdates && hasWindows(rows))
  bench.results.setChecksum(name, system, checksum)
  console.log(`  ${system}: ${checksum.rows} rows of ${records} records, sum ${checksum.sum}`)
}

function hasWindows([first]: readonly OutputRow[]): boolean {
  return first?.window_end !== undefined
}

async function rowsOf(lab: Lab, topic: string, untilMs: number): Promise<OutputRow[]> {
  const rows: OutputRow[] = []
  await lab.readAll(topic, raw => {
    for (let i = 0; i < raw.count; i++) {
      const row = rowAt(raw, i)
      if ((row.window_end ?? raw.timestamps[i] ?? 0) <= untilMs) rows.push(row)
    }
  })
  return rows
}

function rowAt(raw: RawBatch, i: number): OutputRow {
  const start = raw.valueStart[i] as number
  const text = raw.data.toString('utf8', start, start + (raw.valueSize[i] as number))
  return JSON.parse(text) as OutputRow
}
