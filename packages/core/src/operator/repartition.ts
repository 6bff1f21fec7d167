/**
 * Sends records to the tasks of their group: rows to the internal topic by group key, and at each
 * epoch's end how far this task's event time has come, to every partition of it.
 *
 * Upstream half of a grouping; `runtime/repartition-intake.ts` is the other. A record carries the
 * watermark of its own source partition (header `mr`); the watermark record follows everything this
 * task has sent. Formats: docs/formats.md. Tombstones have no group and are counted.
 */
import type { Batch } from '../batch/batch.ts'
import type { CellValue } from '../batch/column.ts'
import type { ErrorPolicy } from '../record/error-policy.ts'
import type { GroupKeyCodec } from '../record/format/group-key.ts'
import {
  REPARTITION_HEADER,
  REPARTITION_HEADER_SIZE,
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
    const { schema, group, topic, onError } = this.#options
    const cellsAt = schema.fields.map(({ name }) => cellReaderOf(batch, name))
    const keyAt = group.columns.map(name => cellReaderOf(batch, name))
    const records = new RawRecordsBuilder()
    const partitions = new Int32Array(batch.count)
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
    if (tombstones > 0) this.#context.count('tombstones_ignored', tombstones)
    if (records.count === 0) return
    this.#context.count('records_repartitioned', records.count)
    const sent = partitions.subarray(0, records.count)
    this.#context.send({ ...records.build(), topic, partitions: sent })
    // Rows end the silence downstream, so the same words have to be said again.
    this.#said = ''
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
