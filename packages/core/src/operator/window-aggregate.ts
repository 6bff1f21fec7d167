/**
 * Aggregates per group and time window, given out when the window closes.
 *
 * Late records (window-adder.ts) leave by the second port, never into the void. `advance` closes
 * every window with end + grace <= watermark, by end, then by group key in byte order, so the order
 * of results does not depend on how the input was cut. It closes so many at a time and is asked
 * again for the rest, so that epochs end meanwhile. Results carry the watermark -Infinity: they are
 * never late behind this operator, which reports its own watermark lowered by size + grace (no
 * later result can be older).
 */
import type { Aggregator } from '../aggregate/aggregator.ts'
import type { Batch } from '../batch/batch.ts'
import type { MillraceError } from '../errors.ts'
import type { ErrorPolicy } from '../record/error-policy.ts'
import type { PlainRecord } from '../record/plain-record.ts'
import type { Schema } from '../schema/schema.ts'
import { SlotStore } from '../state/slot-store.ts'
import type { StateMemory } from '../state/state-memory.ts'
import type { OperatorStore } from '../state/store.ts'
import type { TimeWindow } from '../window/window.ts'
import { Accumulators } from './accumulators.ts'
import type { CellReader } from './cell-reader.ts'
import type { Grouping } from './group-keys.ts'
import type {
  EpochEnd,
  KeptRows,
  OpenWindows,
  Operator,
  OperatorContext,
  Output,
} from './operator.ts'
import { WindowAdder } from './window-adder.ts'
import { type Groups, windowResults } from './window-results.ts'
import { type UpdatesOptions, WindowUpdates } from './window-updates.ts'

export interface WindowAggregateOptions {
  readonly name: string
  /** The identity of its state. */
  readonly identity: string
  readonly storeId: number
  readonly memory: StateMemory
  readonly window: TimeWindow
  /** Group columns, then window_start, window_end, then the aggregates. */
  readonly schema: Schema
  /** Null: grouped by the bytes of the record key. */
  readonly group: Grouping | null
  readonly aggregates: readonly {
    readonly aggregator: Aggregator
    /** Null: every record counts. */
    readonly input: CellReader | null
    /** The column that `input` reads, where it does nothing else. */
    readonly column: string | null
    /** An earlier aggregate whose state serves it too (accumulator.ts). */
    readonly twin?: number | undefined
  }[]
  readonly onError: ErrorPolicy
  /** Most results in one batch. */
  readonly batchRecordsMax: number
  /** Null: results go out when windows close, and only then. */
  readonly updates: (UpdatesOptions & { readonly alsoFinal: boolean }) | null
}

/** Results of a window that closes, or of a part of it. */
interface Closed {
  /** Groups, of those that failed too. */
  readonly groups: number
  readonly results: readonly Batch[]
  /** Of those that were not told as they are, where there are updates. */
  readonly untold: readonly Batch[]
}

/** Results given out before others come to their turn. */
const PASS_RESULTS = 10_000

export class WindowAggregateOperator implements Operator {
  readonly name: string
  readonly delayMs: number
  readonly #options: WindowAggregateOptions
  readonly stores: readonly OperatorStore[]
  readonly #store: SlotStore<Accumulators>
  readonly #updates: WindowUpdates | null
  readonly #adder: WindowAdder
  #context!: OperatorContext
  #reached = Number.NEGATIVE_INFINITY
  /** A window that is being closed page by page. */
  #closing: { readonly end: number; readonly pages: AsyncIterator<Closed> } | null = null

  constructor(options: WindowAggregateOptions) {
    this.name = options.name
    this.delayMs = options.window.sizeMs + options.window.graceMs
    this.#options = options
    const { storeId: store, memory, aggregates } = options
    this.#store = new SlotStore({ store, cells: new Accumulators(aggregates), memory })
    this.#updates = options.updates && new WindowUpdates(options.updates, memory)
    this.#adder = new WindowAdder(options, this.#store, this.#updates)
    this.stores = this.#updates === null ? [this.#store] : [this.#store, this.#updates.store]
  }

  open(context: OperatorContext): void {
    this.#context = context
  }

  prefetch(batch: Batch): Promise<void> | undefined {
    return this.#adder.prefetch(batch)
  }

  process(batch: Batch, output: Output): void {
    const late = this.#adder.add(batch, this.#context)
    if (late.length === 0) return
    this.#context.count('records_late', late.length)
    output.late(batch.with({ selection: Int32Array.from(late) }))
  }

  advance(watermark: number, output: Output): number | Promise<number> {
    this.#adder.closedUntil = Math.max(this.#adder.closedUntil, watermark)
    let given = 0
    for (let end = this.#nextDue(); end !== undefined; end = this.#nextDue()) {
      if (given >= PASS_RESULTS) break
      const isSmall = this.#closing === null && this.#store.sizeOf(end) <= PASS_RESULTS
      const closed = isSmall ? this.#store.takeAll(end, this.#read) : null
      if (closed === null) return this.#closePaged(output, PASS_RESULTS - given)
      given += closed.groups
      const pause = this.#updates?.closed(end)
      this.#emit(closed, output)
      if (pause !== undefined) {
        return pause.then(() => this.#closePaged(output, PASS_RESULTS - given))
      }
    }
    return this.#timeBehind()
  }

  get isBehind(): boolean {
    return this.#nextDue() !== undefined
  }

  get barrierDueAt(): number {
    return this.#updates?.dueAt ?? Number.POSITIVE_INFINITY
  }

  /** Gives out what has changed, where it is time for it. */
  endEpoch(end: EpochEnd, output: Output): Promise<void> | undefined {
    const updates = this.#updates
    return updates?.begin(end) ? this.#tell(updates, output) : undefined
  }

  openWindows(): OpenWindows | null {
    const first = this.#store.smallestBucket()
    const last = this.#store.greatestBucket()
    if (first === undefined || last === undefined) return null
    const { graceMs } = this.#options.window
    return { firstDue: first + graceMs, lastDue: last + graceMs }
  }

  async inspect(): Promise<KeptRows> {
    const refuse = (error: MillraceError): never => {
      throw error
    }
    const windows = await this.#store.entries((slots, end) =>
      windowResults(this.#options, this.#context.partition, end, this.#groups(slots), refuse),
    )
    return { name: this.#options.identity, batches: windows.map(([, batch]) => batch) }
  }

  /** The window that is due first; undefined when none is. */
  #nextDue(): number | undefined {
    if (this.#closing !== null) return this.#closing.end
    const end = this.#store.smallestBucket()
    if (end === undefined || end + this.#options.window.graceMs > this.#adder.closedUntil)
      return undefined
    return end
  }

  /** How far event time has come behind it: no result that is still to come is older. */
  #timeBehind(): number {
    const due = this.#nextDue()
    const first = due === undefined ? Number.POSITIVE_INFINITY : due - this.#options.window.sizeMs
    this.#reached = Math.max(
      this.#reached,
      Math.min(this.#adder.closedUntil - this.delayMs, first - 1),
    )
    return this.#reached
  }

  /** Closes what is due although it is large or not all in memory, a page at a time. */
  async #closePaged(output: Output, resultsMax: number): Promise<number> {
    let given = 0
    for (let end = this.#nextDue(); end !== undefined; end = this.#nextDue()) {
      if (given >= resultsMax) break
      if (this.#closing === null) {
        await this.#updates?.closed(end)
        this.#closing = { end, pages: this.#store.takeByPages(end, this.#read) }
      }
      const { value: page, done } = await this.#closing.pages.next()
      if (done === true) {
        this.#closing = null
        continue
      }
      given += page.groups
      this.#emit(page, output)
      await output.settled()
    }
    return this.#timeBehind()
  }

  /** What comes out of groups of a window that closes. */
  readonly #read = (slots: Int32Array, end: number): Closed => {
    const { updates } = this.#options
    const { cells } = this.#store
    const isFinal = updates?.alsoFinal !== false
    const untold = updates === null ? slots.subarray(0, 0) : slots.filter(s => !cells.isTold(s))
    return {
      groups: slots.length,
      results: isFinal ? this.#results(end, slots) : [],
      untold: this.#results(end, untold),
    }
  }

  #emit({ groups, results, untold }: Closed, output: Output): void {
    this.#context.count('windows_closed', groups)
    for (const batch of results) output.emit(batch)
    for (const batch of untold) output.update(batch)
  }

  /** What has changed since it was last given out, with its value now. */
  async #tell(updates: WindowUpdates, output: Output): Promise<void> {
    for await (const [end, keys] of updates.take()) {
      await this.#store.prefetch(keys.map(key => [end, key] as const))
      const changed: number[] = []
      for (const key of keys) {
        const slot = this.#store.find(end, key)
        if (slot < 0 || this.#store.cells.isTold(slot)) continue
        this.#store.change(this.#store.bucket(end), this.#store.keyOf(slot))
        this.#store.cells.told(slot)
        changed.push(slot)
      }
      for (const batch of this.#results(end, Int32Array.from(changed))) output.update(batch)
      await output.settled()
    }
  }

  #results(end: number, slots: Int32Array): Batch[] {
    const { batchRecordsMax, onError } = this.#options
    const { partition } = this.#context
    const fail = (error: MillraceError, record: () => PlainRecord): void =>
      this.#context.recordFailed(error, onError, record)
    const batches: Batch[] = []
    for (let at = 0; at < slots.length; at += batchRecordsMax) {
      const part = this.#groups(slots.subarray(at, at + batchRecordsMax))
      const results = windowResults(this.#options, partition, end, part, fail)
      if (results.count > 0) batches.push(results)
    }
    return batches
  }

  #groups(slots: Int32Array): Groups {
    const { cells, keys } = this.#store
    const ids = slots.map(slot => this.#store.keyOf(slot))
    return { slots, ids, cells, keys }
  }
}
