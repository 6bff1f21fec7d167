/**
 * Takes records into the accumulators of their windows.
 *
 * A record is late for a window when its end + grace <= the watermark of the record's own source
 * partition before it, or when the window was closed already; it is late when no window takes it.
 * Every aggregate takes a record or none does. The clear version goes record by record; the fast
 * one finds the accumulators of a whole batch first and then adds a column at a time.
 */
import type { Batch } from '../batch/batch.ts'
import { type CellValue, type Column, StringColumn } from '../batch/column.ts'
import type { ByteRanges } from '../state/key-table.ts'
import type { SlotStore } from '../state/slot-store.ts'
import { ByteWriter } from '../util/byte-writer.ts'
import { lastStart } from '../window/window.ts'
import type { Accumulators } from './accumulators.ts'
import { BatchPanes } from './batch-panes.ts'
import { eachRecord } from './each-record.ts'
import { groupKeysOf, keyOrNone } from './group-keys.ts'
import type { OperatorContext } from './operator.ts'
import { RecordSlots } from './record-slots.ts'
import { chosen, type Run, TimelyRecords } from './timely-records.ts'
import type { WindowAggregateOptions } from './window-aggregate.ts'
import type { WindowUpdates } from './window-updates.ts'

/** Keys and columns of a batch that can be read without a check of each record. */
interface ColumnsOf {
  readonly keys: ByteRanges
  /** Of each aggregate; null: it takes every record. */
  readonly inputs: readonly (Column | null)[]
}

/** Keys of that many windows of a record have entries that are far from each other. */
const SORTED_ENTRIES_MIN = 32_768

export class WindowAdder {
  /** Windows that are due until here take nothing any more. */
  closedUntil: number = Number.NEGATIVE_INFINITY
  readonly #options: WindowAggregateOptions
  readonly #store: SlotStore<Accumulators>
  readonly #updates: WindowUpdates | null
  readonly #keyBytes = new ByteWriter()
  readonly #panes: BatchPanes
  /** Of the batch at hand, for each window of a record. */
  readonly #records = new RecordSlots()
  readonly #timely = new TimelyRecords()
  #late: number[] = []
  /** Of the last window that holds the last record. */
  #lastStart = Number.NaN

  constructor(
    options: WindowAggregateOptions,
    store: SlotStore<Accumulators>,
    updates: WindowUpdates | null,
  ) {
    this.#options = options
    this.#store = store
    this.#updates = updates
    this.#panes = new BatchPanes(options)
  }

  /** Brings into memory what the batch will need; undefined = it is there. */
  prefetch(batch: Batch): Promise<void> | undefined {
    if (!this.#mayNeedSpace(batch)) return undefined
    const keyAt = this.#groupKeys(batch)
    const wanted: [end: number, key: string][] = []
    for (let nth = 0; nth < batch.count; nth++) {
      const index = batch.at(nth)
      if (batch.isTombstone(index)) continue
      const key = keyOrNone(keyAt, index)
      if (key === undefined) continue
      for (let end = this.#lastEnd(batch, index); this.#takes(batch, index, end); ) {
        wanted.push([end, key])
        end -= this.#options.window.stepMs
      }
    }
    return this.#store.prefetch(wanted)
  }

  /** Gives the records that no window took. */
  add(batch: Batch, context: OperatorContext): readonly number[] {
    this.#late = []
    const columns = this.#columnsOf(batch)
    if (columns === null) this.#addEach(batch, context)
    else this.#addColumns(batch, columns, context)
    return this.#late
  }

  // ---- record by record

  /** Clear version. */
  #addEach(batch: Batch, context: OperatorContext): void {
    const { name, aggregates, onError } = this.#options
    const keyAt = this.#groupKeys(batch)
    const inputs = aggregates.map(({ input }) => input?.(batch) ?? null)
    const guard = { step: name, policy: onError, context }
    let tombstones = 0
    const visit = (index: number): boolean => {
      const end = this.#lastEnd(batch, index)
      if (this.#takes(batch, index, end)) this.#addOne(batch, index, end, keyAt(index), inputs)
      else this.#late.push(index)
      return true
    }
    eachRecord(batch, guard, visit, () => {
      tombstones++
    })
    if (tombstones > 0) context.count('tombstones_ignored', tombstones)
  }

  #addOne(
    batch: Batch,
    index: number,
    lastEnd: number,
    key: string,
    inputs: readonly (((index: number) => CellValue) | null)[],
  ): void {
    const { aggregates, window } = this.#options
    const cells = inputs.map(cellAt => (cellAt === null ? true : (cellAt(index) ?? null)))
    for (const [i, { aggregator }] of aggregates.entries()) {
      const cell = cells[i] as CellValue
      if (cell !== null) aggregator.check?.(cell)
    }
    // What may fail comes first, and for all windows.
    const all = this.#store.cells.aggregates
    const added: [end: number, next: unknown[]][] = []
    for (let end = lastEnd; this.#takes(batch, index, end); end -= window.stepMs) {
      const slot = this.#store.find(end, key)
      const next = cells.map((cell, i) => (cell === null ? null : all[i]?.next(slot, cell)))
      added.push([end, next])
    }
    for (const [end, next] of added) {
      const id = this.#store.keys.atText(key)
      const slot = this.#store.change(this.#store.bucket(end), id)
      for (const [i, cell] of cells.entries()) if (cell !== null) all[i]?.put(slot, cell, next[i])
      this.#store.cells.touch(slot, batch.records.timestamps[index] as number)
      this.#updates?.changed(end, this.#store.keys, id)
    }
  }

  // ---- a column at a time

  /** Null: records have to be looked at one by one. */
  #columnsOf(batch: Batch): ColumnsOf | null {
    const { aggregates } = this.#options
    const inputs: (Column | null)[] = []
    for (const { aggregator, input, column } of aggregates) {
      if (aggregator.check !== undefined) return null
      const found = column === null ? -1 : batch.schema.indexOf(column)
      if (input !== null && found < 0) return null
      inputs.push(input === null ? null : (batch.columns[found] as Column))
    }
    const keys = this.#plainKeys(batch)
    return keys === null ? null : { keys, inputs }
  }

  /** Null: making the key of a record may fail, or is more than taking its bytes. */
  #plainKeys(batch: Batch): ByteRanges | null {
    const { group } = this.#options
    const keys = group === null ? batch.records.keys : this.#textColumn(batch, group.names)
    return keys === null || keys.validity !== null ? null : keys
  }

  /** A single group column of text: the bytes of the cell are the key. */
  #textColumn(batch: Batch, [name, more]: readonly string[]): StringColumn | null {
    if (name === undefined || more !== undefined) return null
    const column = batch.columns[batch.schema.indexOf(name)]
    return column instanceof StringColumn ? column : null
  }

  #addColumns(batch: Batch, { keys, inputs }: ColumnsOf, context: OperatorContext): void {
    const { sizeMs, stepMs } = this.#options.window
    const windows = Math.ceil(sizeMs / stepMs)
    this.#records.begin(batch.count * windows)
    const isPaned = this.#panes.begin(batch.count)
    this.#timely.begin(batch.count)
    const ignored = this.#readTimely(batch)
    if (ignored > 0) context.count('tombstones_ignored', ignored)
    this.#timely.end(this.#store.keys, keys)
    const isFar = this.#store.keys.size * windows >= SORTED_ENTRIES_MIN
    // Updates are told of in the order in which they came.
    if (windows > 1 && isFar && this.#updates === null) this.#timely.sortByKey()
    for (const run of this.#timely.runs) this.#addRun(batch, run, isPaned)
    const { slots, indices, count } = this.#records
    this.#store.cells.addAll(slots, indices, count, inputs)
    if (isPaned) this.#panes.end(inputs, this.#store, this.#updates)
  }

  /** The records that some window takes, each with its key; gives how many tombstones there are. */
  #readTimely(batch: Batch): number {
    const { tombstones, timestamps, watermarks } = batch.records
    let ignored = 0
    for (let nth = 0; nth < batch.count; nth++) {
      const index = batch.at(nth)
      if (tombstones !== null && batch.isTombstone(index)) {
        ignored++
        continue
      }
      const end = this.#lastEnd(batch, index)
      if (!this.#takes(batch, index, end)) {
        this.#late.push(index)
        continue
      }
      const time = timestamps[index] as number
      this.#timely.add(index, end, time, watermarks[index] as number)
    }
    return ignored
  }

  /** Perf: a window at a time, whose entries lie together; most of the time goes to find them. */
  #addRun(batch: Batch, run: Run, isPaned: boolean): void {
    const { sizeMs, stepMs } = this.#options.window
    const { records } = batch
    if (isPaned && this.#isOpen(run, run.lastEnd - sizeMs + stepMs)) {
      const { indices, keys } = this.#timely.of(run)
      for (let i = 0; i < indices.length; i++) {
        const index = indices[i] as number
        this.#panes.add(run.lastEnd, keys[i] as number, records.timestamps[index] as number, index)
      }
      return
    }
    for (let end = run.lastEnd; end > run.lastEnd - sizeMs; end -= stepMs) {
      this.#addToWindow(batch, run, end)
    }
  }

  #addToWindow(batch: Batch, run: Run, end: number): void {
    const all = this.#timely.of(run)
    const { indices, keys } = this.#isOpen(run, end)
      ? all
      : chosen(all, index => this.#takes(batch, index, end))
    if (keys.length === 0) return
    const { cells } = this.#store
    const slots = this.#records.addAll(indices)
    this.#store.changeAll(this.#store.bucket(end), keys, slots)
    cells.touchAll(slots, indices, batch.records.timestamps)
    if (this.#updates === null) return
    for (const key of keys) this.#updates.changed(end, this.#store.keys, key)
  }

  /** The window takes every record of the run. */
  #isOpen(run: Run, end: number): boolean {
    const due = end + this.#options.window.graceMs
    return due > this.closedUntil && due > run.greatestWatermark && end > run.greatestTime
  }

  // ---- windows of a record

  /** Perf: neighbours are in the same windows nearly always, and a division is not cheap. */
  #lastEnd(batch: Batch, index: number): number {
    const timestamp = batch.records.timestamps[index] as number
    const { window } = this.#options
    const isNear = timestamp >= this.#lastStart && timestamp < this.#lastStart + window.stepMs
    if (!isNear) this.#lastStart = lastStart(window, timestamp)
    return this.#lastStart + window.sizeMs
  }

  /** The record lies in the window that ends there, and is not late for it. */
  #takes({ records }: Batch, index: number, end: number): boolean {
    const due = end + this.#options.window.graceMs
    if (due <= this.closedUntil || due <= (records.watermarks[index] as number)) return false
    return end > (records.timestamps[index] as number)
  }

  /** Some window of the batch is not all in memory; whether records are late for it or not. */
  #mayNeedSpace(batch: Batch): boolean {
    const { sizeMs, stepMs } = this.#options.window
    const { timestamps } = batch.records
    let from = Number.NaN
    for (let nth = 0; nth < batch.count; nth++) {
      const index = batch.at(nth)
      const time = timestamps[index] as number
      if (time >= from && time < from + stepMs) continue
      const last = this.#lastEnd(batch, index)
      from = last - sizeMs
      for (let end = last; end > last - sizeMs; end -= stepMs) {
        if (!this.#store.isWhole(end)) return true
      }
    }
    return false
  }

  #groupKeys(batch: Batch): (index: number) => string {
    return groupKeysOf(batch, this.#options.group, 'a window', this.#keyBytes)
  }
}
