/**
 * The contract of outputs that are not topics.
 *
 * A `SinkDefinition` is what a user gives to `frame.sink`; each task makes a `Sink` of its own.
 * Delivery is in two phases per epoch: `prepare` makes everything written durable but not visible
 * and gives a receipt; the receipt is stored with the epoch; `commit` makes it visible. A sink that
 * cannot do that makes data visible when written and gives no receipt: repeats after a crash are
 * then possible. `testSink` is the exam.
 *
 * Epochs of a task only grow. One who has lost the task may not know it yet: stopped for a while,
 * it goes on beside the next owner, who has prepared later epochs, perhaps committed ones. So:
 *
 *   whoever finishes an epoch    may remove
 *   `commit`, `recover` of E     what others have staged for epochs up to E: E is decided, they are
 *                                dead. What is for a later one goes when a later one is finished
 *   `recover` of nothing         nothing that is prepared
 *   `abort` of E                 what this very sink has staged, never another one's
 *
 * Calls come one after the other, but for one thing: while `commit` of an epoch is under way, rows
 * of the next one may be written already. Between `prepare` and its answer nothing is written.
 *
 *   open → recover → write … prepare → commit ┐ → close
 *                      ▲   └─ abort ─┘        │
 *                      └──────────────────────┘
 */
import type { Batch } from '../batch/batch.ts'
import type { CellValue } from '../batch/column.ts'
import type { MillraceError } from '../errors.ts'
import type { Schema } from '../schema/schema.ts'
import type { Clock } from '../util/clock.ts'

/**
 * Bytes that let a later process finish the epoch, null = nothing to remember. At most 1,000: they
 * go into the epoch's marker. What is larger is stored by the sink, and its name is the receipt.
 */
export type Receipt = Uint8Array | null

/** The key of the records that a sink is given. */
export interface SinkKey {
  /** The columns of the frame that it holds, in order; null = it is none of them. */
  readonly columns: readonly string[] | null
  /**
   * Reads its cells, one per column; one where it is none of them.
   * @throws DECODE_FAILED, FORMAT_UNKNOWN
   */
  cells(key: Uint8Array): readonly CellValue[]
}

/** What a sink may ask of the task it runs in. */
export interface SinkContext {
  /** The user's step: `cassandra#3`. */
  readonly step: string
  /** The rows it is given. */
  readonly schema: Schema
  readonly clock: Clock
  /** Null: how keys are written is not known. */
  readonly key: SinkKey | null
  /** The columns that it `computes`, each with those of the frame that it is made of. */
  readonly computed: ReadonlyMap<string, readonly string[]>
  /**
   * A record cannot be written: returns when the policy of the step drops it or makes it a dead
   * letter, throws the error when it stops the run. To be called before `prepare` has resolved.
   */
  recordFailed(error: MillraceError, batch: Batch, index: number): void
  /** Adds to a counter of the task. */
  count(metric: string, amount: number): void
  /** Tells the user of trouble that may pass. */
  warn(text: string): void
}

export interface Sink {
  /** Why it takes nothing at this moment, where that may last; null or missing = it does. */
  readonly waitsFor?: string | null
  open(context: SinkContext): Promise<void>
  /**
   * Takes the selected records of a batch, tombstones included. A promise asks the caller to wait
   * before more.
   * @throws SINK_FAILED
   */
  write(batch: Batch): Promise<void> | undefined
  /** Everything written so far in this epoch is durable when it resolves. */
  prepare(epoch: number): Promise<Receipt>
  /**
   * Makes the epoch visible. May be called again, here or in a later process by way of `recover`,
   * also when later epochs are visible: it then does what is left to do. `write` may be called
   * before it resolves.
   * @throws SINK_FAILED when the rows have gone before they were visible, as far as can be told.
   */
  commit(epoch: number, receipt: Receipt): Promise<void>
  /** Forgets what it took since the last prepared epoch, and `epoch` itself when prepared. */
  abort(epoch: number): Promise<void>
  /**
   * At start: finishes committed epochs by their receipts, as `commit` does, and removes what else
   * this task has staged for them and earlier ones. What is staged for later epochs stays, what
   * other tasks have is theirs. Given are the last committed epoch or none.
   */
  recover(receipts: readonly { readonly epoch: number; readonly receipt: Receipt }[]): Promise<void>
  /** Idempotent. */
  close(): Promise<void>
}

// biome-ignore lint/suspicious/noExplicitAny: a sink of any rows, as in Array<any>.
export interface SinkDefinition<Row = any> {
  /** Only for the type checker: the rows it takes. */
  readonly takes?: (row: Row) => void
  /** For plans and errors: `list`, `console`. */
  readonly name: string
  /**
   * Columns that it wants computed of the frame's, by names that are none of them: expressions, as
   * the callback of `withColumns` gives them. They stand behind the others. A record of which one
   * cannot be computed goes to the policy of the step.
   */
  readonly computes?: (columns: never) => Readonly<Record<string, unknown>>
  /**
   * @throws SCHEMA_MISMATCH when rows of this schema do not fit; called when the sink is attached.
   */
  check?(schema: Schema): void
  /** Makes the sink of one task, for example task `1/3` (sub-topology 1, partition 3). */
  create(task: string): Sink
}
