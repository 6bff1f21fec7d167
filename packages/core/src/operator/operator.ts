/**
 * The contract of the machines that run a pipeline.
 *
 * An operator takes batches and emits batches; it knows nothing of plans, epochs or Kafka. `prefetch` does all I/O of a
 * batch, then `process` runs to its end without waiting. `advance` tells that event time has moved: the operator emits
 * what is due and answers how far time has moved behind it. A missing optional method means: nothing to do.
 * `testOperator` is the exam: cutting the input into other batches changes nothing.
 */
import type { Batch } from '../batch/batch.ts'
import type { MillraceError } from '../errors.ts'
import type { StateEntry } from '../state/state-backend.ts'
import type { OutgoingRecords } from '../transport/raw-records.ts'

/** Where an operator's results go. `late` is the second port of windows. */
export interface Output {
  emit(batch: Batch): void
  late(batch: Batch): void
}

/** What an operator may ask of the task it runs in. */
export interface OperatorContext {
  readonly partition: number
  /** Partition counts of topics that operators write to, by name; known before the task starts. */
  partitionCount(topic: string): number
  /** Hands records to the producer of the epoch. */
  produce(records: OutgoingRecords): void
  /** The task waits for this before its next batch. */
  waitFor(promise: Promise<unknown>): void
  /** A record failed: returns when the step's policy drops the record, throws when it stops the run. */
  recordFailed(error: MillraceError): void
  /** Adds to a counter of this task, for example `records_late`. */
  count(metric: string, amount: number): void
}

export interface Operator {
  /** The user's step, for errors and metrics: `where#2`. */
  readonly name: string
  open?(context: OperatorContext): void
  prefetch?(batch: Batch): Promise<void>
  process(batch: Batch, output: Output): void
  /** Event time has reached `watermark`; gives the watermark of what leaves the operator. */
  advance?(watermark: number, output: Output): number
  /** End + grace of the last window still open; -Infinity when none is. */
  openUntil?(): number
  /** The entries changed since the last call, in their stored form; called at each checkpoint. */
  seal?(): readonly StateEntry[]
  /** Takes stored entries back, before the first batch. */
  restore?(entries: readonly StateEntry[]): void
}
