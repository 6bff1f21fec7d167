/**
 * Encodes the records of a batch and hands them to the producer: key by the topic's key serde (or
 * as it is), value by its value serde, timestamp and headers as they are. A tombstone becomes a
 * null value.
 *
 * A record that cannot be encoded goes to the step's policy; nothing of it is left in the buffer.
 */
import type { Batch } from '../batch/batch.ts'
import { cellOf } from '../batch/batch.ts'
import type { CellValue } from '../batch/column.ts'
import type { ErrorPolicy } from '../record/error-policy.ts'
import type { KeyEncoder } from '../serde/key-serde.ts'
import type { Encoder } from '../serde/serde.ts'
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
    const { topic, encoder, onError } = this.#options
    const records = new RawRecordsBuilder()
    const guard = { step: this.name, policy: onError, context: this.#context }
    const encode = (index: number): boolean => {
      try {
        this.#encodeKey(batch, index, records)
        records.startValue()
        encoder.encode(batch, index, records.out)
        records.endValue()
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
    if (records.count === 0) return
    this.#context.count('records_out', records.count)
    this.#context.produce({ ...records.build(), topic, partitions: null })
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

function passKey(batch: Batch, index: number, records: RawRecordsBuilder): void {
  // Perf: straight from the column; a view of each key was 47 bytes of garbage a record of a
  // pipeline that produces half of its records (benchmark `micro`).
  const { keys } = batch.records
  if (keys.isNull(index)) return
  records.startKey()
  records.out.range(keys.data, keys.start[index] as number, keys.size[index] as number)
  records.endKey()
}
