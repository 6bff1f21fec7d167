/**
 * The table of a matrix, in Markdown, and its verdicts.
 *
 * Made of what the results file holds, so also for a matrix that was stopped and went on.
 */
import type { Verdict } from '../benchmarks.ts'
import { grouped, mib, table } from '../figures.ts'
import type { Case, Mark, Reference } from './cases.ts'
import { checkedRecords, checkName } from './check-case.ts'
import { judged, type Ratio, ratioOf, summaryOf } from './comparison.ts'
import { type Bench, rivalsOf } from './matrix.ts'
import { type PeerName, SYSTEMS, type SystemName } from './systems.ts'

/** CPU has to be less by the same factor as time, less a fifth. */
const CPU_PART = 0.8
const HEAD = ['case', 'system', 'runs', 'records/s', 'spread', 'CPU s per M', 'resident']
const RATIO_HEAD = ['Millrace, time', 'Millrace, CPU', 'verdict', 'results']

export interface Report {
  readonly markdown: string
  readonly verdicts: readonly Verdict[]
}

export function reportOf(bench: Bench, cases: readonly Case[]): Report {
  const rows = cases.flatMap(each => rowsOf(bench, each))
  const verdicts = cases.flatMap(each => [
    ...verdictsOf(bench, each),
    ...(each.references ?? []).flatMap(reference => referenceVerdict(bench, each, reference)),
  ])
  return { markdown: table([[...HEAD, ...RATIO_HEAD], ...rows]), verdicts }
}

function rowsOf(bench: Bench, each: Case): string[][] {
  const rivals = rivalsOf(bench, each).map(system =>
    rowOf(bench, each, system, system === 'millrace' ? null : peerCells(bench, each, system)),
  )
  const references = (each.references ?? []).map(reference =>
    rowOf(bench, each, reference.system, referenceCells(bench, each, reference)),
  )
  return [...rivals, ...references]
}

/** What is said of a system beside its own figures: ratios, verdict, results. */
type Cells = readonly string[]

function rowOf(bench: Bench, each: Case, system: SystemName, cells: Cells | null): string[] {
  const runs = bench.results.runs(each.name, system)
  const compared = cells ?? ['', '', '', '']
  const { title } = SYSTEMS[system]
  if (runs.length === 0) return [each.name, title, '0', '', '', '', '', ...compared]
  const { rate, spread, cpuPerMillion, rssBytesMax } = summaryOf(runs)
  const own = [String(runs.length), grouped(rate), percent(spread), cpuPerMillion.toFixed(2)]
  return [each.name, title, ...own, mib(rssBytesMax), ...compared]
}

function peerCells(bench: Bench, each: Case, peer: PeerName): Cells {
  const ratio = ratioTo(bench, each, peer)
  const mark = each.marks[peer]
  const results = equality(bench, each, peer)
  if (ratio === null) return ['', '', '', results]
  return [...timesOf(ratio), judgementOf(ratio, mark), results]
}

function judgementOf(ratio: Ratio, mark: Mark | undefined): string {
  if (mark === undefined) return ratio.isSettled ? 'no mark' : 'no verdict'
  const isReached = ratio.wall >= mark.least && ratio.cpu >= mark.least * CPU_PART
  return judged(ratio.isSettled, isReached)
}

function referenceCells(bench: Bench, each: Case, { system, least }: Reference): Cells {
  const ratio = ratioTo(bench, each, system)
  if (ratio === null) return ['', '', '', '']
  return [...timesOf(ratio), judged(ratio.isSettled, ratio.wall >= least), '']
}

function timesOf({ wall, cpu }: Ratio): string[] {
  return [`${wall.toFixed(2)} ×`, `${cpu.toFixed(2)} ×`]
}

function referenceVerdict(bench: Bench, each: Case, reference: Reference): Verdict[] {
  const ratio = ratioTo(bench, each, reference.system)
  if (ratio === null) return []
  const { wall, isSettled } = ratio
  const isMet = isSettled ? wall >= reference.least : null
  return [{ isMet, text: `${each.name}: ${reference.text(wall)}` }]
}

/** Null where one of the two has no run. */
function ratioTo(bench: Bench, each: Case, peer: SystemName): Ratio | null {
  const ours = bench.results.runs(each.name, 'millrace')
  const theirs = bench.results.runs(each.name, peer)
  return ours.length === 0 || theirs.length === 0 ? null : ratioOf(ours, theirs)
}

/** Of the checksums of this peer and of Millrace on the same records. */
function equality(bench: Bench, each: Case, peer: SystemName): string {
  const records = checkedRecords(peer)
  const name = checkName(each, records)
  const ours = bench.results.checksum(name, 'millrace')
  const theirs = bench.results.checksum(name, peer)
  if (ours === undefined || theirs === undefined) return 'not compared'
  if (ours.sum === theirs.sum && ours.rows === theirs.rows) {
    return `equal: ${grouped(ours.rows)} rows of ${grouped(records)}`
  }
  return `DIFFERENT: ${grouped(ours.rows)} rows, ${grouped(theirs.rows)} there`
}

function verdictsOf(bench: Bench, each: Case): Verdict[] {
  return rivalsOf(bench, each).flatMap(system => {
    if (system === 'millrace') return []
    const results = equality(bench, each, system)
    const equal: Verdict = {
      isMet: results === 'not compared' ? null : results.startsWith('equal'),
      text: `${each.name}: results and those of ${SYSTEMS[system].title}: ${results}`,
    }
    const ratio = ratioTo(bench, each, system)
    const mark = each.marks[system]
    if (ratio === null || mark === undefined) return [equal]
    const { wall, cpu, isSettled } = ratio
    const title = `${each.name} against ${SYSTEMS[system].title}`
    const aim = mark.aim === undefined ? '' : `, aim ${mark.aim} ×`
    const least = mark.least
    const cpuLeast = least * CPU_PART
    const verdict = (isReached: boolean): boolean | null => (isSettled ? isReached : null)
    return [
      equal,
      {
        isMet: verdict(wall >= least),
        text: `${title}: ${wall.toFixed(2)} × as fast (at least ${least} ×${aim})`,
      },
      {
        isMet: verdict(cpu >= cpuLeast),
        text: `${title}: ${cpu.toFixed(2)} × less CPU a record (at least ${cpuLeast.toFixed(2)} ×)`,
      },
    ]
  })
}

function percent(part: number): string {
  return `${(part * 100).toFixed(0)} %`
}
