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
import { placeReader } from './fence.ts'
import type { OutRow, RowOwner } from './out-row.ts'
import { readReceipt, receiptBytes } from './receipt.ts'
import { numberReader, type RowBinder, rowBinder } from './row-binder.ts'
import type { TableWriter } from './table-writer.ts'
import { tombstoneBinder } from './tombstone.ts'
import { boundAt, WriteClock, type WriteTimes } from './write-clock.ts'

/** A definition's way to its tables. */
export interface TableAccess {
  open(context: SinkContext): Promise<TableWriter>
  close(): Promise<void>
}

interface Refused {
  readonly row: OutRow
  readonly error: MillraceError
}

export class TaskSink implements Sink {
  readonly #access: TableAccess
  #context!: SinkContext
  #writer: TableWriter | null = null
  #clock!: WriteClock
  /** Rows of a given-up epoch belong to an owner that nobody listens to any more. */
  #owner: TaskRows

  constructor(access: TableAccess) {
    this.#access = access
    this.#owner = new TaskRows(false)
  }

  get waitsFor(): string | null {
    return this.#writer?.dispatcher.waitsFor ?? null
  }

  async open(context: SinkContext): Promise<void> {
    this.#context = context
    this.#writer = await this.#access.open(context)
    this.#owner = new TaskRows(this.#writer.settings.notApplied === 'refuse')
    this.#startClock(null)
  }

  async recover(receipts: Parameters<Sink['recover']>[0]): Promise<void> {
    for (const { receipt } of receipts) {
      if (receipt !== null) this.#startClock(readReceipt(receipt))
    }
  }

  write(batch: Batch): Promise<void> | undefined {
    const { dispatcher } = this.#ready()
    this.#settleRefused()
    this.#add(batch)
    dispatcher.pump()
    return dispatcher.isFull ? dispatcher.room() : undefined
  }

  async prepare(): Promise<Receipt> {
    const { dispatcher } = this.#ready()
    const owner = this.#owner
    await dispatcher.flushed(() => owner.pending === 0)
    this.#settleRefused()
    this.#count()
    const { writeTimeAheadMs } = this.#ready().settings
    const bound = boundAt(this.#context.clock.now(), writeTimeAheadMs)
    return receiptBytes({ last: this.#clock.last, bound })
  }

  async commit(_: number, receipt: Receipt): Promise<void> {
    if (receipt !== null) this.#clock.raiseBound(readReceipt(receipt).bound)
  }

  async abort(): Promise<void> {
    this.#giveUp()
  }

  async close(): Promise<void> {
    if (this.#writer === null) return
    this.#giveUp()
    this.#writer = null
    await this.#access.close()
  }

  #ready(): TableWriter {
    const writer = this.#writer
    if (writer === null) throw new MillraceError('INTERNAL', 'a sink is opened before it is used.')
    if (writer.failure !== null) throw writer.failure
    return writer
  }

  #startClock(times: WriteTimes | null): void {
    const { writeTimeAheadMs } = (this.#writer as TableWriter).settings
    const bound = boundAt(this.#context.clock.now(), writeTimeAheadMs)
    this.#clock = new WriteClock(times ?? { last: Number.NEGATIVE_INFINITY, bound })
  }

  #add(batch: Batch): void {
    const writer = this.#writer as TableWriter
    const { dispatcher, settings, plan, slab } = writer
    const owner = this.#owner
    const parts = { batch, partitionKey: plan.partitionKey, settings, slab, owner }
    const removing = { ...parts, statement: writer.remove }
    const write = rowBinder({ ...parts, statement: writer.write })
    const remove = once(() => rowBinder(removing))
    const bury = once(() => tombstoneBinder(removing, plan, this.#context.key))
    const isDeleted = deletedReader(batch, settings.deleteWhere)
    const orderOf = settings.fence === null ? this.#timeReader(batch) : placeReader(batch)
    for (let nth = 0; nth < batch.count; nth++) {
      const index = batch.at(nth)
      const isTombstone = batch.isTombstone(index)
      const order = orderOf(index)
      if (isTombstone && settings.tombstones === 'ignore') continue
      const isWrite = !isTombstone && !isDeleted(index)
      try {
        const bind = isTombstone ? bury() : isWrite ? write : remove()
        dispatcher.add(bind(index, order))
        owner.pending++
      } catch (error) {
        this.#recordFailed(error, batch, index)
      }
    }
  }

  /** The write time of each record, in their order; of records that fail, too. */
  #timeReader(batch: Batch): (index: number) => number {
    const { writeTime } = (this.#writer as TableWriter).settings
    const clock = this.#clock
    const { timestamps } = batch.records
    const byEvent = (index: number): number => clock.next(timestamps[index] as number)
    if (typeof writeTime !== 'object') return byEvent
    const read = numberReader(batch, writeTime.column)
    const { schema } = batch
    const isTime =
      schema.has(writeTime.column) && schema.typeOf(writeTime.column).kind === 'timestamp'
    return index => {
      const time = byEvent(index)
      const given = read(index)
      return given === null ? time : isTime ? given * 1_000 : given
    }
  }

  #recordFailed(error: unknown, batch: Batch, index: number): void {
    const ours = MillraceError.is(error)
      ? error
      : new MillraceError('ENCODE_FAILED', failureText(error), { cause: error })
    this.#context.recordFailed(ours, batch, index)
  }

  /** Rows that the server refused go to the policy, in the order of the log. */
  #settleRefused(): void {
    const refused = this.#owner.takeRefused()
    for (const { row, error } of refused) {
      this.#context.recordFailed(error, row.origin.batch, row.index)
    }
  }

  #count(): void {
    const { notApplied, notApplies } = this.#owner.takeNotApplied()
    if (notApplies > 0) this.#context.count('rows_not_applied', notApplies)
    for (const row of notApplied) {
      const text = 'the condition kept the row out: it is there already, or is not there.'
      this.#context.recordFailed(
        new MillraceError('SINK_FAILED', text),
        row.origin.batch,
        row.index,
      )
    }
  }

  /** What is on its way is nobody's; in tables of write times it may land and changes nothing. */
  #giveUp(): void {
    this.#owner.isOpen = false
    this.#owner = new TaskRows(this.#owner.keepsNotApplied)
  }
}

/** The rows of a task that are on their way, and what became of them. */
class TaskRows implements RowOwner {
  readonly keepsNotApplied: boolean
  isOpen = true
  pending = 0
  #refused: Refused[] = []
  #notApplied: OutRow[] = []
  #notApplies = 0

  constructor(keepsNotApplied: boolean) {
    this.keepsNotApplied = keepsNotApplied
  }

  acknowledged(): void {
    this.pending--
  }

  refused(row: OutRow, error: unknown): void {
    this.pending--
    const text = `Cassandra refuses the row: ${failureText(error)}.`
    const ours = new MillraceError('SINK_FAILED', text, { cause: error })
    this.#refused.push({ row, error: ours })
  }

  notApplied(row: OutRow): void {
    this.pending--
    this.#notApplies++
    if (this.keepsNotApplied) this.#notApplied.push(row)
  }

  takeRefused(): readonly Refused[] {
    const refused = this.#refused
    this.#refused = []
    return refused.sort((a, b) => offsetOf(a.row) - offsetOf(b.row))
  }

  takeNotApplied(): { readonly notApplied: readonly OutRow[]; readonly notApplies: number } {
    const taken = { notApplied: this.#notApplied, notApplies: this.#notApplies }
    this.#notApplied = []
    this.#notApplies = 0
    return taken
  }
}

function offsetOf({ origin, index }: OutRow): number {
  return origin.batch.records.offsets[index] as number
}

function deletedReader(batch: Batch, name: string | null): (index: number) => boolean {
  if (name === null) return () => false
  const column = batch.columns[batch.schema.indexOf(name)]
  return index => column?.get(index) === true
}

/** Made when it is first needed. */
function once(make: () => RowBinder): () => RowBinder {
  let made: RowBinder | null = null
  return () => {
    made ??= make()
    return made
  }
}
