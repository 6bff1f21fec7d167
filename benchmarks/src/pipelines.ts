/**
 * Millrace and its peers on the same pipelines: rates, CPU, and whether the results are equal.
 *
 *   npm run bench -- pipelines [--peers] [--only CASE,SYSTEM,…] [--check] [--fresh]
 *
 * A matrix that was stopped goes on where it was: each run is written to .results/ at once, by
 * commit. `--only` takes names of cases and of peers. `--check` compares results alone.
 */
import { execFileSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Verdict } from './benchmarks.ts'
import type { Lab } from './lab.ts'
import { CASES, type Case } from './peers/cases.ts'
import { checkCase } from './peers/check-case.ts'
import { type Bench, chosenOf } from './peers/matrix.ts'
import { measureCase } from './peers/measure-case.ts'
import { reportOf } from './peers/report.ts'
import { ResultsFile } from './peers/results-file.ts'
import { RateMemory } from './peers/sizes.ts'
import type { Installed } from './peers/systems.ts'

const RESULTS = fileURLToPath(new URL('../.results/', import.meta.url))
const SETUP = new URL('../peers/setup.mjs', import.meta.url)

export async function pipelines(lab: Lab, args: readonly string[]): Promise<Verdict[]> {
  const only = args.includes('--only') ? (args[args.indexOf('--only') + 1] ?? '').split(',') : []
  const { cases, peers } = chosenOf(CASES, only, args.includes('--peers'))
  const commit = commitOf()
  const path = `${RESULTS}pipelines-${commit}.json`
  if (args.includes('--fresh')) rmSync(path, { force: true })
  const bench: Bench = {
    lab,
    peers,
    results: new ResultsFile(path, commit),
    rates: new RateMemory(`${RESULTS}rates.json`),
    installed: peers.length > 0 ? await setUpPeers() : null,
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

async function setUpPeers(): Promise<Installed> {
  const setup = (await import(SETUP.href)) as { setUpPeers(): Promise<Installed> }
  return setup.setUpPeers()
}

/** With `-dirty` where files differ from it. */
function commitOf(): string {
  const git = (...args: string[]): string => execFileSync('git', args, { encoding: 'utf8' }).trim()
  const dirty = git('status', '--porcelain', '--untracked-files=no') === '' ? '' : '-dirty'
  return `${git('rev-parse', '--short', 'HEAD')}${dirty}`
}
