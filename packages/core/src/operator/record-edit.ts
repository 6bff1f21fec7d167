/**
 * Changes what belongs to a record and not to its value: key, timestamp or headers.
 *
 * Tombstones keep what they have: their value is gone, so nothing can be computed from it.
 */
import type { Batch, RecordColumns } from '../batch/batch.ts'
import type { BytesColumn, CellValue } from '../batch/column.ts'
import { columnBuilder } from '../batch/column-builder.ts'
import type { Row } from '../batch/row.ts'
import { rowsOf } from '../batch/row.ts'
import { MillraceError } from '../errors.ts'
import type { ErrorPolicy } from '../record/error-policy.ts'
import type { Headers } from '../record/headers.ts'
import { type DataType, t } from '../schema/data-type.ts'
import type { ScalarSerde } from '../serde/scalar-serde.ts'
import { ByteWriter } from '../util/byte-writer.ts'
import type { CellReader } from './cell-reader.ts'
import { eachRecord, type RecordGuard } from './each-record.ts'
import type { Operator, OperatorContext, Output } from './operator.ts'

/** Computes the new part of every record; `guard` takes care of records that fail. */
export type RecordEdit = (
  batch: Batch,
  guard: RecordGuard,
) => { readonly selection: Int32Array | null; readonly records: Partial<RecordColumns> }

export class RecordEditOperator implements Operator {
  readonly name: string
  readonly #edit: RecordEdit
  readonly #onError: ErrorPolicy
  #context!: OperatorContext

  constructor(name: string, edit: RecordEdit, onError: ErrorPolicy) {
    this.name = name
    this.#edit = edit
    this.#onError = onError
  }

  open(context: OperatorContext): void {
    this.#context = context
  }

  process(batch: Batch, output: Output): void {
    const guard = { step: this.name, policy: this.#onError, context: this.#context }
    const { selection, records } = this.#edit(batch, guard)
    output.emit(batch.with({ selection, records: { ...batch.records, ...records } }))
  }
}

export const KEY_TYPE: DataType = t.bytes().nullable()

/** Keys from a cell, written by a serde; a null cell is a null key. */
export function editKey(read: CellReader, serde: ScalarSerde): RecordEdit {
  const out = new ByteWriter()
  return (batch, guard) => {
    const cellAt = read(batch)
    const keys: (Uint8Array | null)[] = new Array(batch.length).fill(null)
    const selection = eachRecord(
      batch,
      guard,
      index => {
        keys[index] = encodeKey(cellAt(index) ?? null, serde, out)
        return true
      },
      index => {
        keys[index] = batch.records.keys.get(index) as Uint8Array | null
      },
    )
    const builder = columnBuilder(KEY_TYPE)
    for (const key of keys) builder.append(key)
    return { selection, records: { keys: builder.build() as BytesColumn } }
  }
}

function encodeKey(cell: CellValue, serde: ScalarSerde, out: ByteWriter): Uint8Array | null {
  if (cell === null) return null
  out.reset()
  serde.encodeCell(cell, out)
  return out.copy()
}

/** Timestamps from a cell of epoch milliseconds. */
export function editTimestamp(read: CellReader): RecordEdit {
  return (batch, guard) => {
    const cellAt = read(batch)
    const timestamps = batch.records.timestamps.slice()
    const selection = eachRecord(batch, guard, index => {
      timestamps[index] = epochMs(cellAt(index))
      return true
    })
    return { selection, records: { timestamps } }
  }
}

/** A cell as epoch milliseconds. @throws TYPE_MISMATCH for null and for what is no time. */
export function epochMs(cell: CellValue): number {
  const value = typeof cell === 'bigint' ? Number(cell) : cell
  if (typeof value === 'number' && Number.isFinite(value)) return Math.floor(value)
  throw new MillraceError(
    'TYPE_MISMATCH',
    `a timestamp must be epoch milliseconds; got ${value === null ? 'null' : typeof value}. ` +
      'Use fillNull(…), or leave such records out before.',
  )
}

/** Headers from the row and the headers so far. */
export function editHeaders(apply: (row: Row, headers: Headers) => Headers): RecordEdit {
  return (batch, guard) => {
    const rowAt = rowsOf(batch)
    const headers: Headers[] = Array.from({ length: batch.length }, (_, i) => batch.headers(i))
    const selection = eachRecord(batch, guard, index => {
      headers[index] = apply(rowAt(index), batch.headers(index))
      return true
    })
    return { selection, records: { headers } }
  }
}
