/**
 * Millrace and its peers on the same pipelines: rates, CPU, and whether the results are equal.
 *
 *   npm run bench -- pipelines [--peers] [--only CASE,SYSTEM,…] [--check] [--fresh]
 *   npm run bench -- ceiling [--fresh]
 */
import type { Verdict } from './benchmarks.ts'
import type { Lab } from './lab.ts'
import { CASES } from './peers/cases.ts'
import { performMatrix } from './peers/perform-matrix.ts'

export function pipelines(lab: Lab, args: readonly string[]): Promise<Verdict[]> {
  const withPeers = args.includes('--peers')
  return performMatrix(lab, args, { name: 'pipelines', cases: CASES, withPeers })
}

/** The case `read` beside what it is held against, reading alone; no pipeline can be faster. */
export function ceiling(lab: Lab, args: readonly string[]): Promise<Verdict[]> {
  const cases = CASES.filter(({ name }) => name === 'read')
  return performMatrix(lab, args, { name: 'ceiling', cases, withPeers: false })
}
