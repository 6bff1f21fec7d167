import { expect, test } from 'vitest'
import { Coverage } from './coverage.ts'
import { difference } from './differential.ts'
import { MEETING_TOMBSTONES, REQUIRED } from './required.ts'

/**
 * MILLRACE_DIFFERENTIAL=5000 runs more, and each seed in every way; MILLRACE_SEED=17 begins at
 * another seed.
 */
const WANTED = process.env['MILLRACE_DIFFERENTIAL']
const COUNT = Number(WANTED ?? 200)
const SEED = Number(process.env['MILLRACE_SEED'] ?? 1)

test('generated pipelines give the same in every way, and what the oracle says', async () => {
  const coverage = new Coverage()
  for (let seed = SEED; seed < SEED + COUNT; seed++) {
    const found = await difference(seed, coverage, WANTED === undefined)
    if (found !== null) expect.fail(found)
  }
  console.log(`${COUNT} seeds from ${SEED} on; v = values seen, n = nulls seen\n${coverage}`)
  if (COUNT < 200) return
  expect(coverage.missing(REQUIRED)).toEqual([])
  expect(coverage.missingTombstones(MEETING_TOMBSTONES)).toEqual([])
}, 3_600_000)
