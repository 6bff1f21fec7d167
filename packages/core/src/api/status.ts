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

export interface ApplicationStatus {
  readonly state: RunState
  /** Epochs committed by this run. */
  readonly epochs: number
  readonly tasks: readonly TaskStatus[]
  /** The commit that ended last, and how long each step of it took; null = none has. */
  readonly lastCommit: CommitStatus | null
  /** How state was brought to the end of its changelog, or is; one per task that keeps state. */
  readonly restores: readonly RestoreStatus[]
  /** The live state of this process; null while nothing runs. */
  readonly stateMemory: StateMemoryStatus | null
}

const STOPPED: ApplicationStatus = {
  state: 'stopped',
  epochs: 0,
  tasks: [],
  lastCommit: null,
  restores: [],
  stateMemory: null,
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
  return { state, epochs, tasks, lastCommit, restores, stateMemory }
}
