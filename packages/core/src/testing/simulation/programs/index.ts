import { keyed } from './keyed.ts'
import type { Program } from './program.ts'
import { regrouped } from './regrouped.ts'
import { stacked } from './stacked.ts'
import { timed } from './timed.ts'
import { twoLevels } from './two-levels.ts'
import { updated } from './updated.ts'

/** The programs that are simulated; a page each. */
export const PROGRAMS: readonly Program[] = [keyed, regrouped, stacked, twoLevels, updated, timed]

export const SIMULATED_PROGRAMS: readonly string[] = PROGRAMS.map(({ name }) => name)

export function programOf(name: string): Program {
  return PROGRAMS.find(program => program.name === name) as Program
}
