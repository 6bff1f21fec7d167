/**
 * Sends records to the tasks of their group: rows to the internal topic by group key, and at each
 * epoch's end how far this task's event time has come, to every partition of it.
 *
 * Upstream half of a grouping; `runtime/repartition-intake.ts` is the other. A record carries the
 * watermark of its own source partition (header `mr`); the watermark record follows everything this
 * task has sent. Formats: docs/formats.md. Tombstones have no group and are counted.
 */
import type { Batch } from '../batch/batch.ts'
import { type CellValue, StringColumn } from '../batch/column.ts'
import type { ErrorPolicy } from '../record/error-policy.ts'
import type { GroupKeyCodec } from '../record/format/group-key.ts'
import {
  REPARTITION_HEADER,
  REPARTITION_HEADER_SIZE,
  REPARTITION_HEADERS_HEAD,
  writeRepartitionHeader,
} from '../record/format/repartition-header.ts'
import { type RowWriter, rowWriter } from '../record/format/row-format.ts'
import { writeWatermarkRecord } from '../record/format/watermark-record.ts'
import type { Schema } from '../schema/schema.ts'
import { RawRecordsBuilder } from '../transport/raw-records-builder.ts'
import { ByteWriter } from '../util/byte-writer.ts'
import { partitionOfKey } from '../util/murmur2.ts'
import { cellReaderOf } from './cell-reader.ts'
import { eachRecord } from './each-record.ts'
import type { EpochEnd, Operator, OperatorContext } from './operator.ts'
import { rowColumns } from './row-columns.ts'

export interface RepartitionOptions {
  readonly name: string
  readonly topic: string
  /** The columns that are sent. */
  readonly schema: Schema
  readonly group: { readonly codec: GroupKeyCodec; readonly columns: readonly string[] }
  readonly onError: ErrorPolicy
}

export class RepartitionOperator implements Operator {
  readonly name: string
  readonly #options: RepartitionOptions
  readonly #rows: RowWriter
  readonly #header = new ByteWriter(REPARTITION_HEADER_SIZE)
  #context!: OperatorContext
  #partitionCount = 0
  #watermark = Number.NEGATIVE_INFINITY
  /** What the last watermark records said, if no row followed them. */
  #said = ''

  constructor(options: RepartitionOptions) {
    this.name = options.name
    this.#options = options
    this.#rows = rowWriter(options.schema.fields, options.schema.isOpen)
  }

  open(context: OperatorContext): void {
    this.#context = context
    this.#partitionCount = context.partitionCount(this.#options.topic)
  }

  process(batch: Batch): void {
    const records = new RawRecordsBuilder()
    const partitions = new Int32Array(batch.count)
    const tombstones =
      this.#sendColumns(batch, records, partitions) ?? this.#sendEach(batch, records, partitions)
    if (tombstones > 0) this.#context.count('tombstones_ignored', tombstones)
    if (records.count === 0) return
    this.#context.count('records_repartitioned', records.count)
    const sent = partitions.subarray(0, records.count)
    this.#context.send({ ...records.build(), topic: this.#options.topic, partitions: sent })
    // Rows end the silence downstream, so the same words have to be said again.
    this.#said = ''
  }

  /** Writes straight from columns; gives how many tombstones there were, null: it cannot. */
  #sendColumns(batch: Batch, records: RawRecordsBuilder, partitions: Int32Array): number | null {
    const { schema, group } = this.#options
    const key = textColumn(batch, group.columns)
    const write = key === null ? null : rowColumns(schema, batch)
    if (key === null || write === null || batch.records.headers !== null) return null
    const { data, start, size } = key
    const { watermarks, timestamps } = batch.records
    const { out } = records
    let tombstones = 0
    for (let nth = 0; nth < batch.count; nth++) {
      const index = batch.at(nth)
      if (batch.isTombstone(index)) {
        tombstones++
        continue
      }
      const at = start[index] as number
      const bytes = size[index] as number
      partitions[records.count] = partitionOfKey(data, at, bytes, this.#partitionCount)
      records.startKey()
      out.range(data, at, bytes)
      records.endKey()
      records.startValue()
      write(index, out)
      records.endValue()
      records.startHeaders()
      out.range(REPARTITION_HEADERS_HEAD, 0, REPARTITION_HEADERS_HEAD.length)
      out.float64(watermarks[index] as number)
      records.endHeaders()
      records.endRecord(timestamps[index] as number)
    }
    return tombstones
  }

  /** Clear version. */
  #sendEach(batch: Batch, records: RawRecordsBuilder, partitions: Int32Array): number {
    const { schema, group, onError } = this.#options
    const cellsAt = schema.fields.map(({ name }) => cellReaderOf(batch, name))
    const keyAt = group.columns.map(name => cellReaderOf(batch, name))
    let tombstones = 0
    const send = (index: number): boolean => {
      try {
        partitions[records.count] = this.#writeKey(keyAt, index, records)
        records.startValue()
        const cells = cellsAt.map(cellAt => cellAt(index))
        this.#rows.write(cells, batch.rest?.get(index) ?? null, records.out)
        records.endValue()
        this.#end(batch, index, records)
        return true
      } catch (error) {
        records.abandon()
        throw error
      }
    }
    const guard = { step: this.name, policy: onError, context: this.#context }
    eachRecord(batch, guard, send, () => {
      tombstones++
    })
    return tombstones
  }

  advance(watermark: number): number {
    this.#watermark = watermark
    return watermark
  }

  /** Tells every downstream task how far this one has come; says nothing twice in a row. */
  endEpoch(end: EpochEnd): void {
    const { isIdle, isFinal } = end
    const said = `${this.#watermark} ${isIdle} ${isFinal}`
    if (said === this.#said) return
    this.#said = said
    const records = new RawRecordsBuilder()
    const { partition: task, taskCount } = this.#context
    const watermark = this.#watermark
    for (let target = 0; target < this.#partitionCount; target++) {
      records.startValue()
      const record = { task, taskCount, isIdle, isFinal, watermark, epoch: end.epoch }
      writeWatermarkRecord(record, records.out)
      records.endValue()
      records.endRecord(end.at)
    }
    const partitions = Int32Array.from({ length: this.#partitionCount }, (_, target) => target)
    this.#context.send({ ...records.build(), topic: this.#options.topic, partitions })
  }

  /** Writes the group key; gives the partition it belongs to. */
  #writeKey(
    keyAt: readonly ((index: number) => CellValue)[],
    index: number,
    records: RawRecordsBuilder,
  ): number {
    const { out } = records
    records.startKey()
    const start = out.size
    this.#options.group.codec.encode(
      keyAt.map(cellAt => cellAt(index)),
      out,
    )
    records.endKey()
    return partitionOfKey(out.view(), start, out.size - start, this.#partitionCount)
  }

  #end(batch: Batch, index: number, records: RawRecordsBuilder): void {
    this.#header.reset()
    writeRepartitionHeader(batch.records.watermarks[index] as number, this.#header)
    const header = { name: REPARTITION_HEADER, value: this.#header.view() }
    records.headers([header, ...batch.headers(index)])
    records.endRecord(batch.records.timestamps[index] as number)
  }
}

/** The one column of text whose bytes are the key; null where it is none, or may be null. */
function textColumn(batch: Batch, [name, more]: readonly string[]): StringColumn | null {
  if (name === undefined || more !== undefined) return null
  const column = batch.columns[batch.schema.indexOf(name)]
  return column instanceof StringColumn && column.validity === null ? column : null
}
