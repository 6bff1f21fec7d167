/** Looks for the pipeline that shows a planted bug. */
import { type PlantedKernelBug, plantKernelBug } from './kernel-bugs.ts'
import { compare } from './pipelines/differential.ts'
import type { Mode } from './pipelines/modes.ts'

/** Where generated code is at work; the rest of the modes would find nothing more of it. */
function generatedMode(seed: number): readonly Mode[] {
  const rest = { order: 'random', isLive: false, isShort: false, isCrashing: false } as const
  return [{ batchRecordsMax: 7, generated: true, rules: seed % 2 === 0, state: 'memory', ...rest }]
}

export interface FoundPlanted {
  readonly seed: number
  readonly difference: string
}

/**
 * The difference that a bug makes in the first pipeline from a seed on that shows it; null = none
 * of so many does.
 * @throws Error when what the change makes is no code
 */
export async function findPlanted(
  change: (body: string) => string,
  from: number,
  searchedMax: number,
): Promise<FoundPlanted | null> {
  const planted: PlantedKernelBug = plantKernelBug(change)
  try {
    for (let seed = from; seed < from + searchedMax; seed++) {
      const { difference } = await compare(seed, { modes: generatedMode })
      if (planted.broken !== null) {
        throw new Error(`the planted bug makes text that is no code:\n${planted.broken}`)
      }
      if (difference !== null && planted.hits > 0) return { seed, difference }
    }
    return null
  } finally {
    planted.remove()
  }
}
