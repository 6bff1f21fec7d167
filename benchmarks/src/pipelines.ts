/**
 * Millrace and its peers on the same pipelines: rates, CPU, and whether the results are equal.
 *
 *   npm run bench -- pipelines [--peers] [--only CASE,SYSTEM,…] [--check] [--fresh]
 */
import type { Verdict } from './benchmarks.ts'
import type { Lab } from './lab.ts'
import { CASES } from './peers/cases.ts'
import { performMatrix } from './peers/perform-matrix.ts'

export function pipelines(lab: Lab, args: readonly string[]): Promise<Verdict[]> {
  const withPeers = args.includes('--peers')
  return performMatrix(lab, args, { name: 'pipelines', cases: CASES, withPeers })
}
