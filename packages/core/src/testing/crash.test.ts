import { describe, expect, test } from 'vitest'
import { PROGRAMS } from './crash-oracle.ts'
import { tell } from './crash-story.ts'

/** More for a longer look: `MILLRACE_SEEDS=200 MILLRACE_SEED=1000`. */
const SEEDS = Number(process.env['MILLRACE_SEEDS'] ?? 6)
const FIRST = Number(process.env['MILLRACE_SEED'] ?? 1)

describe.each(PROGRAMS)('%s windows', program => {
  describe.each(['at-least-once', 'exactly-once'] as const)('%s', guarantee => {
    describe.each(['memory', 'lasting'] as const)('state %s', state => {
      test.each(['none', 'decided'] as const)('are right, silence %s', async silence => {
        for (let seed = FIRST; seed < FIRST + SEEDS; seed++) {
          const wrong = await tell({ seed, program, guarantee, state, silence, steps: 60 })
          expect(wrong, `seed ${seed}`).toEqual([])
        }
      })
    })
  })
})
