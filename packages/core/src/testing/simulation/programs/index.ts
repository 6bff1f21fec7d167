import { keyed } from './keyed.ts'
import type { Program } from './program.ts'
import { regrouped } from './regrouped.ts'
import { stacked } from './stacked.ts'
import { timed } from './timed.ts'
import { totals } from './totals.ts'
import { twoLevels } from './two-levels.ts'
import { updated } from './updated.ts'

/** The programs that are simulated; a page each. */
export const PROGRAMS: readonly Program[] = [keyed, regrouped, stacked, twoLevels, updated, timed]

/** Told by its name alone, so that seeds have the programs that they had. */
const NAMED: readonly Program[] = [totals]

export const SIMULATED_PROGRAMS: readonly string[] = PROGRAMS.map(({ name }) => name)

export function programOf(name: string): Program {
  return [...PROGRAMS, ...NAMED].find(program => program.name === name) as Program
}
