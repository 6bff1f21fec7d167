import { expect, test } from 'vitest'
import { Coverage } from '../../packages/verify/src/engine/pipelines/coverage.ts'
import { compare } from '../../packages/verify/src/engine/pipelines/differential.ts'
import { modesOf } from '../../packages/verify/src/engine/pipelines/modes.ts'
import {
  MEETING_TOMBSTONES,
  REQUIRED,
} from '../../packages/verify/src/engine/pipelines/required.ts'

/** More, each in all of its modes, and bugs planted: `npm run verify -- engine`. */
const COUNT = 240

/** Each size of batch once; every eighth pipeline with what takes long: disks and crashes. */
const fewModes: typeof modesOf = (seed, partitions) => {
  const half = modesOf(seed, partitions).filter((_, nth) => nth % 2 === (seed + (nth >> 1)) % 2)
  if (seed % 8 === 0) return half
  return half.map(mode => ({ ...mode, state: 'memory', isCrashing: false }))
}

test('generated pipelines give the same in every way, and what the oracle says', async () => {
  const coverage = new Coverage()
  for (let seed = 1; seed <= COUNT; seed++) {
    const { difference } = await compare(seed, { coverage, modes: fewModes })
    if (difference !== null) expect.fail(difference)
  }
  expect(coverage.missing(REQUIRED)).toEqual([])
  expect(coverage.missingTombstones(MEETING_TOMBSTONES)).toEqual([])
}, 600_000)

/** Of pipelines in which something was wrong once: text with an exponent that becomes a decimal. */
test.each([433])('seed %i', async seed => {
  expect((await compare(seed)).difference).toBe(null)
})
