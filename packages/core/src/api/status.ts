/**
 * What an application tells of itself at a moment: plain data, made when it is asked for.
 *
 * A run in this process is looked at; of several processes each sends this, and `processes/` puts
 * it together.
 */
import type { CommitStatus } from '../runtime/epochs.ts'
import type { RestoreStatus } from '../runtime/restore-progress.ts'
import type { Run, RunState } from '../runtime/run.ts'
import type { StateMemoryStatus } from '../state/state-memory.ts'

export interface TaskStatus {
  /** Sub-topology and partition: `0/3`. */
  readonly id: string
  readonly topic: string | null
  readonly partition: number
  /** Offset of the next record to process. */
  readonly position: number
  /** Event time in force, epoch milliseconds; null before the first record. */
  readonly watermark: number | null
  /** Why it does not go on: the step, and what that waits for; null = nothing holds it. */
  readonly waitsFor: string | null
  /**
   * `records_in`, `records_out`, `records_late`, `records_skipped`, `windows_closed`, … since the
   * task was opened.
   */
  readonly counters: Readonly<Record<string, number>>
}

/** One process of a run in several. */
export interface ProcessStatus {
  /** From 0. A process that is started in place of one that died has its number. */
  readonly number: number
  /** Null: there is none at the moment. */
  readonly pid: number | null
  /** `stopped`: there is none at the moment; if it died it is started again soon. */
  readonly state: RunState
  /** How often it was started again. */
  readonly restarts: number
  /** How the one before it ended: `SIGKILL`, `exit code 1`; null = there was none. */
  readonly lastEnd: string | null
  readonly epochs: number
  /** Ids of the tasks it has. */
  readonly tasks: readonly string[]
  /** The sums of the counters of its tasks. */
  readonly counters: Readonly<Record<string, number>>
}

/** With `run({ processes })`, of all processes together, as each told at most a second ago. */
export interface ApplicationStatus {
  /** Of several processes: `running` when all of them are. */
  readonly state: RunState
  /** Epochs committed by this run. */
  readonly epochs: number
  readonly tasks: readonly TaskStatus[]
  /** The sums of the counters of all tasks. */
  readonly counters: Readonly<Record<string, number>>
  /** The commit that ended last, and how long each step of it took; null = none has. */
  readonly lastCommit: CommitStatus | null
  /** How state was brought to the end of its changelog, or is; one per task that keeps state. */
  readonly restores: readonly RestoreStatus[]
  /** The live state of the process, or of all; null while nothing runs. */
  readonly stateMemory: StateMemoryStatus | null
  /** By number; empty where the application runs in this process alone. */
  readonly processes: readonly ProcessStatus[]
}

const STOPPED: ApplicationStatus = {
  state: 'stopped',
  epochs: 0,
  tasks: [],
  counters: {},
  lastCommit: null,
  restores: [],
  stateMemory: null,
  processes: [],
}

export function statusOf(run: Run | null): ApplicationStatus {
  if (run === null) return STOPPED
  const tasks = run.tasks.map(task => ({
    id: task.id,
    topic: task.source?.topic ?? null,
    partition: task.partition,
    position: task.position,
    watermark: Number.isFinite(task.watermark) ? task.watermark : null,
    waitsFor: task.graph.waitsFor,
    counters: task.counters.snapshot(),
  }))
  const { state, epoch: epochs, lastCommit, restores, stateMemory } = run
  const counters = sumOfCounters(tasks)
  return { state, epochs, tasks, counters, lastCommit, restores, stateMemory, processes: [] }
}

export function sumOfCounters(
  all: readonly Pick<TaskStatus, 'counters'>[],
): TaskStatus['counters'] {
  const sums: Record<string, number> = {}
  for (const { counters } of all) {
    for (const [name, count] of Object.entries(counters)) sums[name] = (sums[name] ?? 0) + count
  }
  return sums
}
