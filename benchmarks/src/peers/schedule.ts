/** In which order the runs of a case are made: paired, interleaved, no system always first. */
import type { SystemName } from './systems.ts'

export interface Turn<System extends SystemName = SystemName> {
  /** From 0. */
  readonly round: number
  readonly system: System
}

/**
 * Rounds in which each system has one turn; the order turns round from one to the next. A system
 * of fewer runs is in the first rounds.
 */
export function scheduleOf<System extends SystemName>(
  runCounts: ReadonlyMap<System, number>,
): Turn<System>[] {
  const rounds = Math.max(0, ...runCounts.values())
  return Array.from({ length: rounds }, (_, round) => {
    const systems = [...runCounts].filter(([, count]) => round < count).map(([system]) => system)
    if (round % 2 === 1) systems.reverse()
    return systems.map(system => ({ round, system }))
  }).flat()
}

/** What is left of a schedule where each system has these many runs already. */
export function remainingOf(
  schedule: readonly Turn[],
  doneBy: (system: SystemName) => number,
): Turn[] {
  return schedule.filter(({ round, system }) => round >= doneBy(system))
}
