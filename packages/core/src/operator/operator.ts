/**
 * The contract of the machines that run a pipeline.
 *
 * An operator takes batches and emits batches; it knows nothing of plans or Kafka. `prefetch` does
 * the I/O of a batch, where there is any; `process` then runs to its end without waiting. `advance`
 * tells that event time has moved: the operator emits what is due and answers how far time has
 * moved behind it; it waits only where what is due is not in memory. Nothing else is asked of an
 * operator while it waits. A missing optional method means: nothing to do.
 * `testOperator` is the exam: cutting the input into other batches changes nothing.
 */
import type { Batch } from '../batch/batch.ts'
import type { MillraceError } from '../errors.ts'
import type { ErrorPolicy } from '../record/error-policy.ts'
import type { PlainRecord } from '../record/plain-record.ts'
import type { Receipt } from '../sink/sink.ts'
import type { OperatorStore } from '../state/store.ts'
import type { OutgoingRecords } from '../transport/raw-records.ts'
import type { Clock } from '../util/clock.ts'

/** Where an operator's results go. `late` and `update` are further ports of windows. */
export interface Output {
  emit(batch: Batch): void
  late(batch: Batch): void
  /** Results of windows, each time they have changed. */
  update(batch: Batch): void
  /**
   * For who emits without end: waits until what was emitted has gone on, as far as sinks and
   * brokers take it.
   */
  settled(): Promise<void>
}

/** What an operator may ask of the task it runs in. */
export interface OperatorContext {
  readonly partition: number
  /** How many tasks run this sub-topology, in all processes together. */
  readonly taskCount: number
  /**
   * True: all it reads comes from one partition of a source, so that the watermark noted on a
   * record is that of the task before the record. Behind an internal topic that several tasks fill
   * it is that of another partition.
   */
  readonly readsSource: boolean
  /** Wall time, for outputs; results do not depend on it. */
  readonly clock: Clock
  /** Partition counts of topics that operators write to, by name; known before the task starts. */
  partitionCount(topic: string): number
  /** Hands records of an output to the producer of the epoch. */
  produce(records: OutgoingRecords): void
  /** Hands records for other tasks over: they are seen only when the epoch has been committed. */
  send(records: OutgoingRecords): void
  /** The task waits for this before its next batch. */
  waitFor(promise: Promise<unknown>): void
  /** Resolves when everything `waitFor` was given has; undefined = there is nothing. */
  settled(): Promise<unknown> | undefined
  /**
   * A record failed: returns when the policy drops the record or makes it a dead letter, throws
   * the error when it stops the run. `record` gives the record as it was before it failed.
   */
  recordFailed(error: MillraceError, policy: ErrorPolicy, record: () => PlainRecord): void
  /** Adds to a counter of this task, for example `records_late`. */
  count(metric: string, amount: number): void
  /** Logs trouble that may pass. */
  warn(text: string): void
}

/** What an epoch's end tells operators that write to other tasks. */
export interface EpochEnd {
  readonly epoch: number
  /** Wall time of the barrier, epoch milliseconds. */
  readonly at: number
  /** Nothing will come from this task until its input speaks again. */
  readonly isIdle: boolean
  /** Nothing will come from this task in this run. */
  readonly isFinal: boolean
}

/** An epoch that has been committed, with what an output gave for it. */
export interface CommittedEpoch {
  readonly epoch: number
  readonly receipt: Receipt
}

/** Due times of windows that are open: when the first and the last may close (end + grace). */
export interface OpenWindows {
  readonly firstDue: number
  readonly lastDue: number
}

/** State as rows: for windows, what each would give out if it closed now. */
export interface KeptRows {
  /** The identity of the step that keeps it: the user's name, else one made of the plan. */
  readonly name: string
  readonly batches: readonly Batch[]
}

export interface Operator {
  /** The user's step, for errors and metrics: `where#2`. */
  readonly name: string
  open?(context: OperatorContext): Promise<void> | void
  /** Brings into memory what `process` will need of the batch; undefined = it is there. */
  prefetch?(batch: Batch): Promise<void> | undefined
  process(batch: Batch, output: Output): void
  /** How far the watermark it gives is behind the one it is given; missing = 0. */
  readonly delayMs?: number
  /**
   * Event time has reached `watermark`; gives the watermark of what leaves the operator. Where very
   * much is due it does a part, is behind then, and is called again, perhaps in another epoch.
   */
  advance?(watermark: number, output: Output): number | Promise<number>
  /** What outside of the process it waits for at this moment; null or missing = nothing. */
  readonly waitsFor?: string | null
  /** Something is due that it has not done: it is given no batch before that. Missing = never. */
  readonly isBehind?: boolean
  openWindows?(): OpenWindows | null
  /** Wall time at which an epoch's end would give something out; missing or Infinity = never. */
  readonly barrierDueAt?: number
  /** Wall time at which it has something to do; missing or Infinity = never. */
  readonly wallDueAt?: number
  /** Wall time `time` is in force, by a recorded decision: does what is due by then. */
  advanceWall?(time: number, output: Output): void | Promise<void>
  /**
   * What it gives depends on the order in which records and times come, so time must come to it
   * step by step where others in front of it have something due.
   */
  readonly keepsOrder?: boolean
  /** What it keeps at this moment, as rows; for tests and tools. */
  inspect?(): Promise<KeptRows>
  /** The barrier of an epoch: whatever belongs to the epoch is handed out before it is over. */
  endEpoch?(end: EpochEnd, output: Output): void | Promise<void>
  /**
   * Two-phase outputs; see `Sink`. After `open`: what an earlier owner of the task committed last.
   */
  recover?(committed: readonly CommittedEpoch[]): Promise<void>
  prepare?(epoch: number): Promise<Receipt>
  commit?(epoch: number, receipt: Receipt): Promise<void>
  abort?(epoch: number): Promise<void>
  /** Where it keeps state between batches. */
  readonly stores?: readonly OperatorStore[]
  close?(): Promise<void>
}
