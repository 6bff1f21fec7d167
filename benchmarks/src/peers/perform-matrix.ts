/**
 * A matrix from its first run to its table and verdicts.
 *
 * One that was stopped goes on where it was: each run is written to .results/ at once, by commit.
 * `--only` takes names of cases and of peers. `--check` compares results alone. `--fresh` begins
 * anew.
 */
import { execFileSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Verdict } from '../benchmarks.ts'
import type { Lab } from '../lab.ts'
import type { Case } from './cases.ts'
import { checkCase } from './check-case.ts'
import { type Bench, chosenOf, type InputRegistry } from './matrix.ts'
import { measureCase } from './measure-case.ts'
import { reportOf } from './report.ts'
import { ResultsFile } from './results-file.ts'
import { setUpPeers } from './set-up.ts'
import { RateMemory } from './sizes.ts'

const RESULTS = fileURLToPath(new URL('../../.results/', import.meta.url))

export interface MatrixOptions {
  /** Of its file of results. */
  readonly name: string
  readonly cases: readonly Case[]
  readonly withPeers: boolean
  readonly registry?: InputRegistry
}

export async function performMatrix(
  lab: Lab,
  args: readonly string[],
  options: MatrixOptions,
): Promise<Verdict[]> {
  const only = args.includes('--only') ? (args[args.indexOf('--only') + 1] ?? '').split(',') : []
  const { cases, peers } = chosenOf(options.cases, only, options.withPeers)
  const commit = commitOf()
  const path = `${RESULTS}${options.name}-${commit}.json`
  if (args.includes('--fresh')) rmSync(path, { force: true })
  const bench: Bench = {
    lab,
    peers,
    results: new ResultsFile(path, commit),
    rates: new RateMemory(`${RESULTS}rates.json`),
    installed: peers.length > 0 ? await setUpPeers() : null,
    registry: options.registry ?? null,
  }
  const failures: Verdict[] = []
  const from = performance.now()
  for (const [index, each] of cases.entries()) {
    const minutes = ((performance.now() - from) / 60_000).toFixed(1)
    console.log(`\n[${index + 1}/${cases.length}] ${each.name}, after ${minutes} minutes`)
    failures.push(...(await perform(bench, each, args.includes('--check'))))
  }
  const { markdown, verdicts } = reportOf(bench, cases)
  console.log(`\ncommit ${commit}\n\n${markdown}\n`)
  return [...failures, ...verdicts]
}

/** A case that fails does not take the others with it. */
async function perform(bench: Bench, each: Case, checksOnly: boolean): Promise<Verdict[]> {
  try {
    if (bench.peers.length > 0) await checkCase(bench, each)
    if (!checksOnly) await measureCase(bench, each)
    return []
  } catch (error) {
    return [{ isMet: false, text: `${each.name}: ${(error as Error).message}` }]
  }
}

/** With `-dirty` where files differ from it. */
function commitOf(): string {
  const git = (...args: string[]): string => execFileSync('git', args, { encoding: 'utf8' }).trim()
  const dirty = git('status', '--porcelain', '--untracked-files=no') === '' ? '' : '-dirty'
  return `${git('rev-parse', '--short', 'HEAD')}${dirty}`
}
