/** The status of several processes as one: what each of them said last, put together. */
import type { StateStats } from '../../state/state-backend.ts'
import type { StateMemoryStatus } from '../../state/state-memory.ts'
import { type ApplicationStatus, type ProcessStatus, sumOfCounters } from '../status.ts'

interface StatusOfOne {
  readonly said: ApplicationStatus | null
  status(): ProcessStatus
}

interface Ending {
  readonly isStopping: boolean
  readonly hasFailed: boolean
}

export function wholeStatus(all: readonly StatusOfOne[], ending: Ending): ApplicationStatus {
  const processes = all.map(each => each.status())
  const said = all.flatMap(each => each.said ?? [])
  const commits = said.flatMap(({ lastCommit }) => lastCommit ?? [])
  return {
    state: stateOf(processes, ending),
    epochs: said.reduce((sum, { epochs }) => sum + epochs, 0),
    tasks: said.flatMap(({ tasks }) => tasks),
    counters: sumOfCounters(said),
    lastCommit: commits.sort((one, two) => two.at - one.at)[0] ?? null,
    restores: said.flatMap(({ restores }) => restores),
    stateMemory: sumOfMemory(said.flatMap(({ stateMemory }) => stateMemory ?? [])),
    processes,
  }
}

/** `running` when all of them are. */
function stateOf(
  processes: readonly ProcessStatus[],
  { isStopping, hasFailed }: Ending,
): ApplicationStatus['state'] {
  if (hasFailed) return 'failed'
  if (isStopping) return 'stopping'
  return processes.every(({ state }) => state === 'running') ? 'running' : 'starting'
}

function sumOfMemory(all: readonly StateMemoryStatus[]): StateMemoryStatus | null {
  if (all.length === 0) return null
  return all.reduce((sum, each) => ({
    usedBytes: sum.usedBytes + each.usedBytes,
    heldBytes: sum.heldBytes + each.heldBytes,
    bytesMax: sum.bytesMax + each.bytesMax,
    evictions: sum.evictions + each.evictions,
  }))
}

/** Of those that keep state; null where none does. */
export function sumOfStats(all: readonly (StateStats | null)[]): StateStats | null {
  const known = all.flatMap(each => each ?? [])
  if (known.length === 0) return null
  return known.reduce((sum, each) => ({
    bytesOnDisk: sum.bytesOnDisk + each.bytesOnDisk,
    bytesInMemory: sum.bytesInMemory + each.bytesInMemory,
    keysRead: sum.keysRead + each.keysRead,
    keysFound: sum.keysFound + each.keysFound,
    entriesWritten: sum.entriesWritten + each.entriesWritten,
    bytesWritten: sum.bytesWritten + each.bytesWritten,
  }))
}
