/**
 * Aggregates per group and time window, given out when the window closes.
 *
 * A record is late for a window when end + grace <= the watermark of its own source partition
 * before it, or when the window was closed already (an idle decision moved the task's time). Late
 * records leave by the second port, never into the void. `advance` closes every window with end +
 * grace <= watermark, by end, then by group key in byte order, so the order of results does not
 * depend on how the input was cut. Results carry the watermark -Infinity: they are never late
 * behind this operator, which reports its own watermark lowered by size + grace (no later result
 * can be older).
 */
import type { Aggregator } from '../aggregate/aggregator.ts'
import { Batch } from '../batch/batch.ts'
import type { BytesColumn, CellValue } from '../batch/column.ts'
import { columnBuilder } from '../batch/column-builder.ts'
import { MillraceError } from '../errors.ts'
import type { ErrorPolicy } from '../record/error-policy.ts'
import type { GroupKeyCodec } from '../record/format/group-key.ts'
import type { Schema } from '../schema/schema.ts'
import type { StateEntry } from '../state/state-backend.ts'
import { WindowStore } from '../state/window-store.ts'
import { ByteWriter } from '../util/byte-writer.ts'
import { lastStart, type TimeWindow } from '../window/window.ts'
import { type Accumulator, accumulatorCodec, newAccumulator } from './accumulator.ts'
import type { CellReader } from './cell-reader.ts'
import { eachRecord } from './each-record.ts'
import type { KeptRows, OpenWindows, Operator, OperatorContext, Output } from './operator.ts'
import { KEY_TYPE } from './record-edit.ts'

export interface WindowAggregateOptions {
  readonly name: string
  /** The identity of its state. */
  readonly identity: string
  readonly storeId: number
  readonly window: TimeWindow
  /** Group columns, then window_start, window_end, then the aggregates. */
  readonly schema: Schema
  /** Null: grouped by the bytes of the record key. */
  readonly group: { readonly codec: GroupKeyCodec; readonly columns: readonly CellReader[] } | null
  readonly aggregates: readonly {
    readonly aggregator: Aggregator
    /** Null: every record counts. */
    readonly input: CellReader | null
  }[]
  readonly onError: ErrorPolicy
  /** Most results in one batch. */
  readonly batchRecordsMax: number
}

export class WindowAggregateOperator implements Operator {
  readonly name: string
  readonly delayMs: number
  readonly #options: WindowAggregateOptions
  readonly #store: WindowStore<Accumulator>
  readonly #keyBytes = new ByteWriter()
  #context!: OperatorContext
  #closedUntil = Number.NEGATIVE_INFINITY

  constructor(options: WindowAggregateOptions) {
    this.name = options.name
    this.delayMs = options.window.sizeMs + options.window.graceMs
    this.#options = options
    const aggregators = options.aggregates.map(({ aggregator }) => aggregator)
    this.#store = new WindowStore(options.storeId, accumulatorCodec(aggregators))
  }

  open(context: OperatorContext): void {
    this.#context = context
  }

  process(batch: Batch, output: Output): void {
    const { aggregates, onError } = this.#options
    const keyAt = this.#groupKeys(batch)
    const inputs = aggregates.map(({ input }) => input?.(batch) ?? null)
    const guard = { step: this.name, policy: onError, context: this.#context }
    const late: number[] = []
    let tombstones = 0
    const add = (index: number): boolean => {
      if (this.#isLate(batch, index)) late.push(index)
      else this.#add(batch, index, keyAt(index), inputs)
      return true
    }
    eachRecord(batch, guard, add, () => {
      tombstones++
    })
    if (tombstones > 0) this.#context.count('tombstones_ignored', tombstones)
    if (late.length === 0) return
    this.#context.count('records_late', late.length)
    output.late(batch.with({ selection: Int32Array.from(late) }))
  }

  advance(watermark: number, output: Output): number {
    const { graceMs } = this.#options.window
    if (watermark > this.#closedUntil) {
      this.#closedUntil = watermark
      for (;;) {
        const end = this.#store.smallestEnd()
        if (end === undefined || end + graceMs > watermark) break
        this.#close(end, output)
      }
    }
    return watermark - this.delayMs
  }

  openWindows(): OpenWindows | null {
    const first = this.#store.smallestEnd()
    const last = this.#store.greatestEnd()
    if (first === undefined || last === undefined) return null
    const { graceMs } = this.#options.window
    return { firstDue: first + graceMs, lastDue: last + graceMs }
  }

  inspect(): KeptRows {
    const windows = [...this.#store.entries()].sort(([left], [right]) => left - right)
    const { identity } = this.#options
    return { name: identity, batches: windows.map(([end, rows]) => this.#results(end, rows)) }
  }

  restore(entries: readonly StateEntry[]): void {
    this.#store.restore(entries)
  }

  seal(): readonly StateEntry[] {
    return this.#store.seal()
  }

  #isLate(batch: Batch, index: number): boolean {
    const { window } = this.#options
    const end = lastStart(window, batch.records.timestamps[index] as number) + window.sizeMs
    const due = end + window.graceMs
    return due <= (batch.records.watermarks[index] as number) || due <= this.#closedUntil
  }

  #add(
    batch: Batch,
    index: number,
    key: string,
    inputs: readonly (((index: number) => CellValue) | null)[],
  ): void {
    const { window, aggregates } = this.#options
    const timestamp = batch.records.timestamps[index] as number
    const cells = inputs.map(cellAt => (cellAt === null ? true : (cellAt(index) ?? null)))
    for (const [i, { aggregator }] of aggregates.entries()) {
      const cell = cells[i] as CellValue
      if (cell !== null) aggregator.check?.(cell)
    }
    const end = lastStart(window, timestamp) + window.sizeMs
    const accumulator = this.#store.get(end, key) ?? newAccumulator(aggregates)
    const states = aggregates.map(({ aggregator }, i) => {
      const cell = cells[i] as CellValue
      return cell === null ? accumulator.states[i] : aggregator.add(accumulator.states[i], cell)
    })
    accumulator.states = states
    accumulator.timestamp = Math.max(accumulator.timestamp, timestamp)
    this.#store.set(end, key, accumulator)
  }

  /** The group key of each record as a binary string. */
  #groupKeys(batch: Batch): (index: number) => string {
    const { group } = this.#options
    if (group === null) return index => rawKey(batch, index)
    const readers = group.columns.map(column => column(batch))
    const out = this.#keyBytes
    return index => {
      out.reset()
      group.codec.encode(
        readers.map(cellAt => cellAt(index) ?? null),
        out,
      )
      return out.view().toString('latin1')
    }
  }

  #close(end: number, output: Output): void {
    const entries = this.#store.takeEnd(end)
    this.#context.count('windows_closed', entries.length)
    const { batchRecordsMax } = this.#options
    for (let at = 0; at < entries.length; at += batchRecordsMax) {
      output.emit(this.#results(end, entries.slice(at, at + batchRecordsMax)))
    }
  }

  #results(end: number, entries: readonly (readonly [string, Accumulator])[]): Batch {
    const { schema, group, aggregates, window } = this.#options
    const builders = schema.fields.map(field => columnBuilder(field.type))
    const keys = columnBuilder(KEY_TYPE)
    const timestamps = new Float64Array(entries.length)
    for (const [i, [key, accumulator]] of entries.entries()) {
      const bytes = Buffer.from(key, 'latin1')
      const cells: CellValue[] = [
        ...(group === null ? [] : group.codec.decode(bytes)),
        end - window.sizeMs,
        end,
        ...aggregates.map(({ aggregator }, a) => this.#result(aggregator, accumulator.states[a])),
      ]
      for (const [c, builder] of builders.entries()) builder.append(cells[c] as CellValue)
      keys.append(bytes)
      timestamps[i] = accumulator.timestamp
    }
    return new Batch({
      schema,
      columns: builders.map(builder => builder.build()),
      rest: null,
      records: {
        topic: this.name,
        partition: this.#context.partition,
        keys: keys.build() as BytesColumn,
        timestamps,
        offsets: new Float64Array(entries.length).fill(-1),
        watermarks: new Float64Array(entries.length).fill(Number.NEGATIVE_INFINITY),
        headers: null,
        tombstones: null,
      },
      selection: null,
    })
  }

  #result(aggregator: Aggregator, state: unknown): CellValue {
    try {
      return aggregator.result(state)
    } catch (error) {
      throw MillraceError.is(error) ? error.at({ step: this.name }) : error
    }
  }
}

function rawKey(batch: Batch, index: number): string {
  const { keys } = batch.records
  if (keys.isNull(index)) {
    throw new MillraceError(
      'NULL_KEY',
      'a window without groupBy groups by the record key, and this record has none. ' +
        'Group by a column: groupBy(…).',
    )
  }
  const bytes = keys.get(index) as Uint8Array
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
}
