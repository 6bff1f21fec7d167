/**
 * Tells many stories, and plants each bug there is to see that stories find it. The command
 * `npm run verify -- simulate` prints what this gives.
 */

import { PLANTED_BUGS } from './planted/index.ts'
import type { PlantedBug } from './planted/planted.ts'
import { type Story, storyOf, type Told } from './story.ts'
import { tell } from './tell.ts'

export interface SimulateOptions {
  /** The first seed. Default 1. */
  readonly from?: number
  readonly seeds: number
  /** Told otherwise than the seed says. */
  readonly changes?: Partial<Story>
  /** False: no bug is planted. Default true. */
  readonly isPlanting?: boolean
  /** Called after each story. */
  readonly onTold?: (told: Told) => void
  /** Called after the search for each planted bug. */
  readonly onPlanted?: (bug: PlantedBug, found: Told | null) => void
}

export interface Simulated {
  readonly failed: readonly Told[]
  /** Things that happened in all stories. */
  readonly steps: number
  readonly plantedFound: number
  readonly planted: number
}

/** Stories told in the search for one planted bug, from the one on that is known to show it. */
const SEARCHED_MAX = 100

export async function simulate(options: SimulateOptions): Promise<Simulated> {
  const { from = 1, seeds, changes = {}, isPlanting = true, onTold, onPlanted } = options
  const bugs = isPlanting ? PLANTED_BUGS : []
  const failed: Told[] = []
  let steps = 0
  for (let seed = from; seed < from + seeds; seed++) {
    const told = await tell(storyOf(seed, changes))
    steps += told.story.steps
    if (told.wrong.length > 0) failed.push(told)
    onTold?.(told)
  }
  let plantedFound = 0
  for (const bug of bugs) {
    const found = await findPlanted(bug)
    if (found !== null) plantedFound++
    onPlanted?.(bug, found)
  }
  return { failed, steps, plantedFound, planted: bugs.length }
}

/** The first story that a planted bug makes go wrong; null = none of those searched does. */
export async function findPlanted(
  bug: PlantedBug,
  searchedMax: number = SEARCHED_MAX,
): Promise<Told | null> {
  for (let seed = bug.seed; seed < bug.seed + searchedMax; seed++) {
    const planted = bug.plant()
    try {
      const told = await tell(storyOf(seed, bug.story), { bug: planted })
      if (told.wrong.length > 0) return told
    } finally {
      planted.remove?.()
    }
  }
  return null
}
