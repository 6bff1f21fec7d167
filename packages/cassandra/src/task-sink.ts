/**
 * The sink of one task: from batches to rows on their way, and from acknowledgements to epochs.
 *
 * Rows are visible when they are written. An epoch is prepared when every row of it is
 * acknowledged or has gone to the policy of the step; after a crash the rows since the last
 * committed epoch are written again, with write times that are no smaller (`write-clock.ts`), so
 * that the table ends as if there had been no crash.
 */
import {
  type Batch,
  MillraceError,
  type Receipt,
  type Sink,
  type SinkContext,
} from '@millrace/core'
import { failureText } from './failure-kind.ts'
import type { OutRow } from './out-row.ts'
import { readReceipt, receiptBytes } from './receipt.ts'
import type { RowMaker, RowTarget, RowTargets } from './row-target.ts'
import { inOrder, TaskRows } from './task-rows.ts'
import { boundAt, WriteClock, type WriteTimes } from './write-clock.ts'

/** A definition's way to what it writes to. */
export interface TargetAccess {
  open(context: SinkContext): Promise<RowTargets>
  close(): Promise<void>
}

/** A target, and the rows of this task that are on their way to it. */
interface Part {
  readonly target: RowTarget
  /** Rows of a given-up epoch belong to an owner that nobody listens to any more. */
  owner: TaskRows
}

export class TaskSink implements Sink {
  readonly #access: TargetAccess
  #context!: SinkContext
  #parts: readonly Part[] = []
  #chooser: RowTargets['chooser'] = null
  #clock!: WriteClock

  constructor(access: TargetAccess) {
    this.#access = access
  }

  get waitsFor(): string | null {
    for (const { target } of this.#parts) {
      const { waitsFor } = target.dispatcher
      if (waitsFor !== null) return waitsFor
    }
    return null
  }

  async open(context: SinkContext): Promise<void> {
    this.#context = context
    const { targets, chooser } = await this.#access.open(context)
    this.#chooser = chooser
    this.#parts = targets.map(target => ({ target, owner: ownerFor(target) }))
    this.#startClock(null)
  }

  async recover(receipts: Parameters<Sink['recover']>[0]): Promise<void> {
    for (const { receipt } of receipts) {
      if (receipt !== null) this.#startClock(readReceipt(receipt))
    }
  }

  write(batch: Batch): Promise<void> | undefined {
    const parts = this.#ready()
    this.#settleRefused()
    this.#add(batch)
    const full: Promise<void>[] = []
    for (const { target } of parts) {
      const { dispatcher } = target
      dispatcher.pump()
      if (dispatcher.isFull) full.push(dispatcher.room())
    }
    return full.length === 0 ? undefined : all(full)
  }

  async prepare(): Promise<Receipt> {
    await all(
      this.#ready().map(({ target, owner }) =>
        target.dispatcher.flushed(() => owner.pending === 0),
      ),
    )
    this.#settleRefused()
    this.#count()
    this.#ready()
    return receiptBytes({ last: this.#clock.last, bound: this.#boundNow() })
  }

  async commit(_: number, receipt: Receipt): Promise<void> {
    if (receipt !== null) this.#clock.raiseBound(readReceipt(receipt).bound)
  }

  async abort(): Promise<void> {
    this.#giveUp()
  }

  async close(): Promise<void> {
    if (this.#parts.length === 0) return
    this.#giveUp()
    this.#parts = []
    await this.#access.close()
  }

  #ready(): readonly Part[] {
    const parts = this.#parts
    if (parts.length === 0) {
      throw new MillraceError('INTERNAL', 'a sink is opened before it is used.')
    }
    for (const { target } of parts) if (target.failure !== null) throw target.failure
    return parts
  }

  #startClock(times: WriteTimes | null): void {
    const bound = this.#boundNow()
    this.#clock = new WriteClock(times ?? { last: Number.NEGATIVE_INFINITY, bound })
  }

  /** The strictest one, for a record has one time, whatever it is written to. */
  #boundNow(): number {
    const aheadMs = Math.min(...this.#parts.map(({ target }) => target.writeTimeAheadMs))
    return boundAt(this.#context.clock.now(), aheadMs)
  }

  /** Each record takes its time, one that fails, too. It goes to all its targets, or to none. */
  #add(batch: Batch): void {
    const { timestamps } = batch.records
    const clock = this.#clock
    const parts = this.#parts
    const makers = parts.map(({ target, owner }) => target.rowMaker(batch, owner, this.#context))
    const choice = this.#chooser?.(batch) ?? null
    const rows: (OutRow | null)[] = new Array(parts.length).fill(null)
    for (let nth = 0; nth < batch.count; nth++) {
      const index = batch.at(nth)
      const time = clock.next(timestamps[index] as number)
      try {
        // A tombstone has no values to choose by: its row may be anywhere.
        const only = choice === null || batch.isTombstone(index) ? null : choice(index)
        for (let i = 0; i < rows.length; i++) {
          const isFor = only === null || only === i
          rows[i] = isFor ? (makers[i] as RowMaker)(index, time) : null
        }
      } catch (error) {
        this.#recordFailed(error, batch, index)
        continue
      }
      for (let i = 0; i < rows.length; i++) add(parts[i] as Part, rows[i] as OutRow | null)
    }
  }

  #recordFailed(error: unknown, batch: Batch, index: number): void {
    const ours = MillraceError.is(error)
      ? error
      : new MillraceError('ENCODE_FAILED', failureText(error), { cause: error })
    this.#context.recordFailed(ours, batch, index)
  }

  /** Rows that the server refused go to the policy. */
  #settleRefused(): void {
    const refused = this.#parts.flatMap(({ owner }) => owner.takeRefused())
    for (const { row, error } of inOrder(refused)) {
      this.#context.recordFailed(error, row.origin.batch, row.index)
    }
  }

  #count(): void {
    const taken = this.#parts.map(({ owner }) => owner.takeNotApplied())
    const count = taken.reduce((sum, each) => sum + each.count, 0)
    if (count > 0) this.#context.count('rows_not_applied', count)
    for (const { row, error } of inOrder(taken.flatMap(({ rows }) => rows))) {
      this.#context.recordFailed(error, row.origin.batch, row.index)
    }
  }

  /** What is on its way is nobody's; in tables of write times it may land and changes nothing. */
  #giveUp(): void {
    for (const part of this.#parts) {
      part.owner.isOpen = false
      part.owner = ownerFor(part.target)
    }
  }
}

function ownerFor({ refusesNotApplied }: RowTarget): TaskRows {
  return new TaskRows(refusesNotApplied)
}

function add({ target, owner }: Part, row: OutRow | null): void {
  if (row === null) return
  target.dispatcher.add(row)
  owner.pending++
}

async function all(promises: readonly Promise<void>[]): Promise<void> {
  await Promise.all(promises)
}
