/**
 * A topic into Arrow and Parquet files: Millrace against the ceiling of reading, against a loop by
 * hand over apache-arrow's builders, and against the file sink of Quix Streams.
 *
 *   npm run bench -- arrow [--only ipc,builders] [--check]
 *
 * Writers take turns; who begins changes from round to round. The first round says how many records
 * each needs to be measured for long enough, and does not count. Before, the files of each are
 * read back and compared; `--check` does that alone. Files are written into memory (tmpfs), but for
 * those of `disk`.
 */
import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Verdict } from '../benchmarks.ts'
import { grouped, mib, table } from '../figures.ts'
import type { Lab } from '../lab.ts'
import { type RunFigures, rateOf, ratioOf, summaryOf } from '../peers/comparison.ts'
import { inputTopic } from '../peers/input-topics.ts'
import { type Size, sizeFor } from '../peers/sizes.ts'
import { timedRun } from '../peers/timed-run.ts'
import { sumOfFiles } from './check-files.ts'
import { type FilesJob, WRITER_NAMES, type WriterName } from './job.ts'
import { commandOf, type QuixFiles, WRITERS } from './writers.ts'

const SETUP = new URL('../../peers/setup.mjs', import.meta.url)
const KEYS = 10_000
const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 5)
/** Else each writer gets what it needs to run long enough. */
const RECORDS = process.env['BENCH_RECORDS']
const CHECKED_RECORDS = 200_000
const RUN_MS_MAX = 5 * 60_000
/** So that the last record does not wait for a fetch that is not full. */
const SPARE_RECORDS = 50_000

/** Where there is none, all files are on disk. */
const TMPFS = '/dev/shm'
/** The least ratio of rates. */
const MARKS: readonly (readonly [WriterName, WriterName, number])[] = [
  ['ipc', 'ceiling', 0.7],
  ['ipc', 'builders', 10],
  ['parquet', 'quix', 5],
]
/** Of Millrace, however many records there are. */
const RESIDENT_MIB_MAX = 512

export async function arrowBenchmark(lab: Lab, args: readonly string[]): Promise<Verdict[]> {
  const only = args.includes('--only') ? (args[args.indexOf('--only') + 1] ?? '').split(',') : []
  const names = WRITER_NAMES.filter(name => only.length === 0 || only.includes(name))
  const quix = names.includes('quix') ? await setUpQuix() : null
  const verdict = await checked(lab, names, quix)
  if (args.includes('--check')) return [verdict]
  const figures = await measured(lab, names, quix)
  report(figures)
  return [verdict, ...marksOf(figures), ...memoryOf(figures)]
}

async function setUpQuix(): Promise<QuixFiles> {
  const setup = (await import(SETUP.href)) as { setUpQuixFiles(): Promise<QuixFiles> }
  return setup.setUpQuixFiles()
}

async function checked(
  lab: Lab,
  names: readonly WriterName[],
  quix: QuixFiles | null,
): Promise<Verdict> {
  const size = { warmup: CHECKED_RECORDS / 10, records: CHECKED_RECORDS }
  const sums = new Set<string>()
  const writers = names.filter(name => WRITERS[name].writes !== 'nothing')
  for (const name of writers) {
    const sum = await run(lab, name, { size, mode: 'check', quix }, folder =>
      sumOfFiles(name, folder, size.records),
    )
    console.log(`  ${name}: files of ${sum.rows} rows, ${sum.cents} cents`)
    sums.add(`${sum.rows} rows, ${sum.cents} cents`)
  }
  const isMet = sums.size === 1 && [...sums][0]?.startsWith(`${CHECKED_RECORDS} rows`) === true
  const found = [...sums].join('; ')
  const text = `files of ${writers.join(', ')} hold ${CHECKED_RECORDS} records: ${found}`
  return { isMet, text }
}

type Figures = ReadonlyMap<WriterName, readonly RunFigures[]>

async function measured(
  lab: Lab,
  names: readonly WriterName[],
  quix: QuixFiles | null,
): Promise<Figures> {
  const figures = new Map<WriterName, RunFigures[]>(names.map(name => [name, []]))
  const sizes = new Map(names.map(name => [name, firstSize(name)]))
  for (let round = 0; round <= ROUNDS; round++) {
    const order = round % 2 === 0 ? names : [...names].reverse()
    for (const name of order) {
      const size = sizes.get(name) as Size
      const result = await run(lab, name, { size, mode: 'measure', quix }, (_, seen) => seen)
      const rate = rateOf(result)
      if (round > 0) figures.get(name)?.push(result)
      else if (RECORDS === undefined) sizes.set(name, sizeFor(rate))
      const seconds = `${result.seconds.toFixed(1)} s`
      console.log(
        `  round ${round} of ${ROUNDS}, ${name}: ${grouped(rate)} records/s in ${seconds}`,
      )
    }
  }
  return figures
}

function firstSize(name: WriterName): Size {
  if (RECORDS === undefined) return sizeFor(WRITERS[name].rateGuess)
  return { warmup: Math.ceil(Number(RECORDS) / 10), records: Number(RECORDS) }
}

interface RunOptions {
  readonly size: Size
  readonly mode: FilesJob['mode']
  readonly quix: QuixFiles | null
}

/** @param use what is wanted of the files, which go afterwards. */
async function run<T>(
  lab: Lab,
  writer: WriterName,
  { size, mode, quix }: RunOptions,
  use: (folder: string, figures: RunFigures) => T | Promise<T>,
): Promise<T> {
  const id = lab.newName(`files-${writer}`)
  const job: FilesJob = {
    bootstrap: lab.bootstrap,
    id,
    writer,
    input: await inputTopic(lab, KEYS, size.records + SPARE_RECORDS),
    folder: folderOf(lab, id, writer),
    mode,
    ...size,
    commitMs: WRITERS[writer].commitMs,
  }
  try {
    return await use(job.folder, await timedRun(commandOf(job, quix), RUN_MS_MAX))
  } finally {
    await rm(job.folder, { recursive: true, force: true })
  }
}

function folderOf(lab: Lab, id: string, writer: WriterName): string {
  return writer !== 'disk' && existsSync(TMPFS) ? join(TMPFS, id) : lab.stateFolder(id)
}

function report(figures: Figures): void {
  const rows = [...figures].map(([name, runs]) => {
    const { rate, spread, cpuPerMillion, rssBytesMax } = summaryOf(runs)
    const percent = `${(spread * 100).toFixed(0)} %`
    const cpu = cpuPerMillion.toFixed(2)
    return [WRITERS[name].title, grouped(rate), percent, cpu, mib(rssBytesMax)]
  })
  const head = ['writer', 'records/s', 'spread', 'CPU s per million', 'resident at most']
  console.log(`\n${table([head, ...rows])}\n`)
}

function marksOf(figures: Figures): Verdict[] {
  return MARKS.flatMap(([ours, peer, least]) => {
    const [mine, other] = [figures.get(ours), figures.get(peer)]
    if (mine === undefined || other === undefined) return []
    const { wall, cpu, isSettled } = ratioOf(mine, other)
    const note = isSettled ? '' : '; figures spread too much'
    const cost = `${cpu.toFixed(2)} × in CPU${note}`
    const text = `${ours}: ${wall.toFixed(2)} × the rate of ${peer} (at least ${least}), ${cost}`
    return [{ isMet: isSettled && wall >= least, text }]
  })
}

function memoryOf(figures: Figures): Verdict[] {
  return (['ipc', 'disk', 'parquet'] as const).flatMap(name => {
    const runs = figures.get(name)
    if (runs === undefined) return []
    const { rssBytesMax } = summaryOf(runs)
    const isMet = rssBytesMax <= RESIDENT_MIB_MAX * 1024 * 1024
    return [
      { isMet, text: `${name}: ${mib(rssBytesMax)} resident (at most ${RESIDENT_MIB_MAX} MiB)` },
    ]
  })
}
