import type { Run, RunState } from '../runtime/run.ts'

export interface TaskStatus {
  /** Sub-topology and partition: `0/3`. */
  readonly id: string
  readonly topic: string | null
  readonly partition: number
  /** Offset of the next record to process. */
  readonly position: number
  /** Event time in force, epoch milliseconds; null before the first record. */
  readonly watermark: number | null
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
}

export function statusOf(run: Run | null): ApplicationStatus {
  if (run === null) return { state: 'stopped', epochs: 0, tasks: [] }
  const tasks = run.tasks.map(task => ({
    id: task.id,
    topic: task.source?.topic ?? null,
    partition: task.partition,
    position: task.position,
    watermark: Number.isFinite(task.watermark) ? task.watermark : null,
    counters: task.counters.snapshot(),
  }))
  return { state: run.state, epochs: run.epoch, tasks }
}
