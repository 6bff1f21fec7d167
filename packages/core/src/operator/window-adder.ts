/**
 * Takes records into the accumulators of their windows.
 *
 * A record is late for a window when its end + grace <= the watermark of the record's own source
 * partition before it, or when the window was closed already; it is late when no window takes it.
 * Every aggregate takes a record or none does. The clear version goes record by record; the fast
 * one finds the accumulators of a whole batch first and then adds a column at a time.
 */
import { isShared } from '../aggregate/shared-state.ts'
import type { Batch } from '../batch/batch.ts'
import { type CellValue, type Column, StringColumn } from '../batch/column.ts'
import type { Bucket } from '../state/buckets.ts'
import type { LayeredStore } from '../state/layered-store.ts'
import { ByteWriter } from '../util/byte-writer.ts'
import { lastStart } from '../window/window.ts'
import { type Accumulator, newAccumulator } from './accumulator.ts'
import { BatchPanes } from './batch-panes.ts'
import { eachRecord } from './each-record.ts'
import { groupKeysOf, keyOrNone } from './group-keys.ts'
import { KeyStrings } from './key-strings.ts'
import type { OperatorContext } from './operator.ts'
import type { WindowAggregateOptions } from './window-aggregate.ts'
import type { WindowUpdates } from './window-updates.ts'

/** Keys and columns of a batch that can be read without a check of each record. */
interface ColumnsOf {
  readonly keyAt: (index: number) => string
  /** Of each aggregate; null: it takes every record. */
  readonly inputs: readonly (Column | null)[]
}

export class WindowAdder {
  /** Windows that are due until here take nothing any more. */
  closedUntil: number = Number.NEGATIVE_INFINITY
  readonly #options: WindowAggregateOptions
  readonly #store: LayeredStore<Accumulator>
  readonly #updates: WindowUpdates | null
  readonly #keyBytes = new ByteWriter()
  readonly #keys = new KeyStrings()
  readonly #panes: BatchPanes
  /** Per record and window of the batch at hand: where it goes. */
  readonly #accumulators: Accumulator[] = []
  #indices = new Int32Array(0)
  #count = 0
  /** The one of the last record. */
  #bucket: Bucket<Accumulator> | null = null
  readonly #make: () => Accumulator
  #late: number[] = []

  constructor(
    options: WindowAggregateOptions,
    store: LayeredStore<Accumulator>,
    updates: WindowUpdates | null,
  ) {
    this.#options = options
    this.#store = store
    this.#updates = updates
    this.#panes = new BatchPanes(options)
    this.#make = () => newAccumulator(options.aggregates)
  }

  /** Brings into memory what the batch will need; undefined = it is there. */
  prefetch(batch: Batch): Promise<void> | undefined {
    if (!this.#mayNeedSpace(batch)) return undefined
    const keyAt = this.#columnsOf(batch)?.keyAt ?? this.#groupKeys(batch)
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
    const added: [end: number, accumulator: Accumulator, states: unknown[]][] = []
    for (let end = lastEnd; this.#takes(batch, index, end); end -= window.stepMs) {
      const accumulator = this.#store.get(end, key) ?? newAccumulator(aggregates)
      const states = aggregates.map(({ aggregator, twin }, i) => {
        const cell = cells[i] as CellValue
        const state = accumulator.states[i]
        const isDone = cell === null || isShared(accumulator.states, i, twin)
        return isDone ? state : aggregator.add(state, cell)
      })
      added.push([end, accumulator, states])
    }
    for (const [end, accumulator, states] of added) {
      accumulator.states = states
      this.#store.set(end, key, accumulator)
      this.#touched(accumulator, batch, index, end, key)
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
    const keyAt = this.#plainKeys(batch)
    return keyAt === null ? null : { keyAt, inputs }
  }

  /** Null: making the key of a record may fail, or is more than taking its bytes. */
  #plainKeys(batch: Batch): ((index: number) => string) | null {
    const { group } = this.#options
    const keys = group === null ? batch.records.keys : this.#textColumn(batch, group.names)
    if (keys === null || keys.validity !== null) return null
    const { start, size } = keys
    const data = Buffer.from(keys.data.buffer, keys.data.byteOffset, keys.data.byteLength)
    return index => {
      const from = start[index] as number
      return this.#keys.at(data, from, from + (size[index] as number))
    }
  }

  /** A single group column of text: the bytes of the cell are the key. */
  #textColumn(batch: Batch, [name, more]: readonly string[]): StringColumn | null {
    if (name === undefined || more !== undefined) return null
    const column = batch.columns[batch.schema.indexOf(name)]
    return column instanceof StringColumn ? column : null
  }

  #addColumns(batch: Batch, { keyAt, inputs }: ColumnsOf, context: OperatorContext): void {
    const { aggregates } = this.#options
    this.#bucket = null
    this.#findAccumulators(batch, keyAt, context)
    const count = this.#count
    for (let slot = 0; slot < aggregates.length; slot++) {
      const { aggregator, twin } = aggregates[slot] as (typeof aggregates)[number]
      const column = inputs[slot] as Column | null
      const parts = { accumulators: this.#accumulators, indices: this.#indices, count, slot, twin }
      if (aggregator.addAll?.(parts, column) === true) continue
      for (let i = 0; i < count; i++) {
        const cell = column === null ? true : column.get(this.#indices[i] as number)
        if (cell === null) continue
        const { states } = this.#accumulators[i] as Accumulator
        if (isShared(states, slot, twin)) continue
        states[slot] = aggregator.add(states[slot], cell)
      }
    }
    this.#panes.end(this.#store, this.#updates)
  }

  /** Fills the pairs of accumulator and record. */
  #findAccumulators(
    batch: Batch,
    keyAt: (index: number) => string,
    context: OperatorContext,
  ): void {
    const { sizeMs, stepMs } = this.#options.window
    const { tombstones } = batch.records
    const pairs = batch.count * Math.ceil(sizeMs / stepMs)
    if (this.#indices.length < pairs) this.#indices = new Int32Array(pairs)
    this.#count = 0
    const isPaned = this.#panes.begin()
    let ignored = 0
    for (let nth = 0; nth < batch.count; nth++) {
      const index = batch.at(nth)
      if (tombstones !== null && batch.isTombstone(index)) {
        ignored++
        continue
      }
      const end = this.#lastEnd(batch, index)
      if (!this.#takes(batch, index, end)) this.#late.push(index)
      else if (isPaned && this.#takes(batch, index, end - sizeMs + stepMs)) {
        this.#pair(this.#panes.at(end, keyAt(index)), batch, index)
      } else this.#addToWindows(batch, index, end, keyAt(index))
    }
    if (ignored > 0) context.count('tombstones_ignored', ignored)
  }

  #addToWindows(batch: Batch, index: number, lastEnd: number, key: string): void {
    const { sizeMs, stepMs } = this.#options.window
    let end = lastEnd
    do {
      if (this.#bucket?.bucket !== end) this.#bucket = this.#store.bucket(end)
      this.#pair(this.#store.change(this.#bucket, key, this.#make), batch, index)
      this.#updates?.changed(end, key)
      end -= stepMs
    } while (stepMs < sizeMs && this.#takes(batch, index, end))
  }

  #pair(accumulator: Accumulator, batch: Batch, index: number): void {
    const timestamp = batch.records.timestamps[index] as number
    if (timestamp > accumulator.timestamp) accumulator.timestamp = timestamp
    accumulator.isTold = false
    this.#accumulators[this.#count] = accumulator
    this.#indices[this.#count++] = index
  }

  // ---- windows of a record

  #lastEnd(batch: Batch, index: number): number {
    const { window } = this.#options
    return lastStart(window, batch.records.timestamps[index] as number) + window.sizeMs
  }

  /** The record lies in the window that ends there, and is not late for it. */
  #takes({ records }: Batch, index: number, end: number): boolean {
    const due = end + this.#options.window.graceMs
    if (due <= this.closedUntil || due <= (records.watermarks[index] as number)) return false
    return end > (records.timestamps[index] as number)
  }

  #touched(
    accumulator: Accumulator,
    { records }: Batch,
    index: number,
    end: number,
    key: string,
  ): void {
    accumulator.timestamp = Math.max(accumulator.timestamp, records.timestamps[index] as number)
    accumulator.isTold = false
    this.#updates?.changed(end, key)
  }

  /** Some window of the batch is not all in memory; whether records are late for it or not. */
  #mayNeedSpace(batch: Batch): boolean {
    const { sizeMs, stepMs } = this.#options.window
    let known: number | undefined
    for (let nth = 0; nth < batch.count; nth++) {
      const last = this.#lastEnd(batch, batch.at(nth))
      if (last === known) continue
      known = last
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
