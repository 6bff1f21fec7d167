/**
 * Encodes the records of a batch and hands them to the producer: key by the topic's key serde (or
 * as it is), value by its value serde, timestamp and headers as they are. A tombstone becomes a
 * null value.
 *
 * A record that cannot be encoded goes to the step's policy; nothing of it is left in others.
 */
import type { Batch } from '../batch/batch.ts'
import { cellOf } from '../batch/batch.ts'
import type { BytesColumn, CellValue, Column, StringColumn } from '../batch/column.ts'
import type { ErrorPolicy } from '../record/error-policy.ts'
import type { KeyEncoder } from '../serde/key-serde.ts'
import { isRowsEncoder, type RowsWritten } from '../serde/rows-encoder.ts'
import type { Encoder } from '../serde/serde.ts'
import { gatheredRecords } from '../transport/gathered-records.ts'
import type { RawRecords } from '../transport/raw-records.ts'
import { RawRecordsBuilder } from '../transport/raw-records-builder.ts'
import { eachRecord } from './each-record.ts'
import type { Operator, OperatorContext } from './operator.ts'

export interface ToTopicOptions {
  readonly name: string
  readonly topic: string
  readonly encoder: Encoder
  /** Null: the key is passed on as it is. */
  readonly key: { readonly columns: readonly string[]; readonly encoder: KeyEncoder } | null
  readonly onError: ErrorPolicy
}

export class ToTopicOperator implements Operator {
  readonly name: string
  /** Where the encoder has to wait for something. */
  readonly prefetch?: NonNullable<Operator['prefetch']>
  readonly #options: ToTopicOptions
  #context!: OperatorContext

  constructor(options: ToTopicOptions) {
    const { name, encoder } = options
    this.name = name
    this.#options = options
    if (encoder.prefetch !== undefined) this.prefetch = batch => encoder.prefetch?.(batch)
  }

  open(context: OperatorContext): Promise<void> | void {
    this.#context = context
    const { encoder, key } = this.#options
    const value = encoder.prepare?.()
    const prepared = key?.encoder.prepare?.() ?? value
    if (prepared !== undefined) return Promise.all([value, prepared]).then(() => undefined)
  }

  process(batch: Batch): void {
    const rows = rowsOf(batch)
    const values = this.#encodeMany(batch, rows)
    const records = this.#gathered(batch, rows, values) ?? this.#oneByOne(batch, values)
    if (records.count === 0) return
    this.#context.count('records_out', records.count)
    this.#context.produce({ ...records, topic: this.#options.topic, partitions: null })
  }

  #encodeMany(batch: Batch, rows: Int32Array): RowsWritten | null {
    const { encoder } = this.#options
    return isRowsEncoder(encoder) ? encoder.encodeRows(batch, rows) : null
  }

  /** Null: there is more to do with a record than to put key, value and time together. */
  #gathered(batch: Batch, rows: Int32Array, values: RowsWritten | null): RawRecords | null {
    const { encoder, key } = this.#options
    const { timestamps, headers } = batch.records
    const addsHeaders = encoder.headers !== undefined || key?.encoder.headers !== undefined
    if (headers !== null || addsHeaders || values === null || rows.length < batch.count) return null
    const keys = this.#keysOf(batch)
    if (keys === null || values.sizes.includes(-1)) return null
    return gatheredRecords({ values, keys, timestamps, rows })
  }

  /** The keys to be written, where they are made at once; else null. */
  #keysOf(batch: Batch): BytesColumn | StringColumn | null {
    const { key } = this.#options
    if (key === null) return batch.records.keys
    const [name, second] = key.columns
    const position = name === undefined ? -1 : batch.schema.indexOf(name)
    if (second !== undefined || position < 0) return null
    return key.encoder.keysOf?.(batch.columns[position] as Column) ?? null
  }

  #oneByOne(batch: Batch, values: RowsWritten | null): RawRecords {
    const { encoder, onError } = this.#options
    const records = new RawRecordsBuilder()
    let next = values === null ? 0 : records.ahead(values.bytes)
    let nth = 0
    const guard = { step: this.name, policy: onError, context: this.#context }
    const encode = (index: number): boolean => {
      const size = values === null ? -1 : (values.sizes[nth++] as number)
      const start = next
      next += Math.max(0, size)
      try {
        this.#encodeKey(batch, index, records)
        if (size >= 0) records.value(start, size)
        else {
          records.startValue()
          encoder.encode(batch, index, records.out)
          records.endValue()
        }
        this.#end(batch, index, records, true)
        return true
      } catch (error) {
        records.abandon()
        throw error
      }
    }
    eachRecord(batch, guard, encode, index => {
      passKey(batch, index, records)
      this.#end(batch, index, records, false)
    })
    // The builder is not needed any more: no memory of its own for what might follow.
    return records.view(0, records.count)
  }

  #encodeKey(batch: Batch, index: number, records: RawRecordsBuilder): void {
    const { key } = this.#options
    if (key === null) {
      passKey(batch, index, records)
      return
    }
    const cells: CellValue[] = key.columns.map(name => cellOf(batch, name, index))
    records.startKey()
    if (key.encoder.encodeKey(cells, records.out)) records.endKey()
  }

  /** A tombstone has neither key nor value from here. */
  #end(batch: Batch, index: number, records: RawRecordsBuilder, isEncoded: boolean): void {
    const { encoder, key } = this.#options
    let headers = batch.headers(index)
    if (isEncoded && key?.encoder.headers !== undefined) headers = key.encoder.headers(headers)
    if (isEncoded && encoder.headers !== undefined) headers = encoder.headers(headers)
    records.headers(headers)
    records.endRecord(batch.records.timestamps[index] as number)
  }
}

/** Records with a value. */
function rowsOf(batch: Batch): Int32Array {
  const { count, selection, records } = batch
  if (selection !== null && records.tombstones === null) return selection
  const rows = new Int32Array(count)
  let length = 0
  for (let nth = 0; nth < count; nth++) {
    const index = batch.at(nth)
    if (!batch.isTombstone(index)) rows[length++] = index
  }
  return rows.subarray(0, length)
}

function passKey(batch: Batch, index: number, records: RawRecordsBuilder): void {
  // Perf: straight from the column; a view of each key was 47 bytes of garbage a record of a
  // pipeline that produces half of its records (benchmark `micro`).
  const { keys } = batch.records
  if (keys.isNull(index)) return
  records.startKey()
  records.out.range(keys.data, keys.start[index] as number, keys.size[index] as number)
  records.endKey()
}
