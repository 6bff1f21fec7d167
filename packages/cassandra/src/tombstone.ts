/** Tombstones: the row that goes is found by the key of the record, for its value is null. */
import { type Batch, type CellValue, MillraceError, type SinkKey } from '@millrace/core'
import { cqlText } from './cql-type.ts'
import { type CqlEncoder, cqlEncoder } from './encode.ts'
import { type Bytes, indexOfColumn, keyText, type RowBinder, valueError } from './row-binder.ts'
import { Slab } from './slab.ts'
import type { BoundColumn } from './table-plan.ts'
import type { TableWriter } from './table-writer.ts'

/** Binds the delete statement. A record whose key is not the primary key throws. */
export function tombstoneBinder(
  batch: Batch,
  { plan, remove }: TableWriter,
  key: SinkKey | null,
): RowBinder {
  const { tombstoneKey, partitionKey } = plan
  if (tombstoneKey === null || key === null || plan.isCounter) throw noKey(plan.isCounter)
  const encoders = plan.key.map(({ type }) => cqlEncoder(type))
  const keyAt = partitionKey.map(column => indexOfColumn(remove.parameters, column))
  const slab = new Slab()
  const hasTime = remove.parameters.length > plan.key.length
  return (index, writeTime) => {
    const bytes = batch.records.keys.get(index)
    if (bytes === null) throw noKey(false)
    const cells = key.cells(bytes)
    const params: Bytes[] = hasTime ? [slab.integer(writeTime)] : []
    let size = 0
    for (const [nth, column] of plan.key.entries()) {
      const cell = cells[tombstoneKey[nth] as number]
      const value = keyBytes(column, encoders[nth] as CqlEncoder, cell)
      params.push(value)
      size += value.length
    }
    return { params, size, key: keyText(params, keyAt) }
  }
}

function keyBytes(
  { from, column, type }: BoundColumn,
  encode: CqlEncoder,
  cell: CellValue | undefined,
): Buffer {
  if (cell === null || cell === undefined) throw noKey(false)
  try {
    return encode(cell)
  } catch (error) {
    throw valueError(error, from, column, cqlText(type))
  }
}

function noKey(isCounter: boolean): MillraceError {
  return new MillraceError(
    'SINK_FAILED',
    isCounter
      ? "a tombstone cannot delete a row of counters. Say tombstones: 'ignore'."
      : 'a tombstone has no value, and its key does not hold the primary key of the table. Give ' +
          'the topic a key serde and a keyColumn that is the primary key, delete by deleteWhere, ' +
          "or say tombstones: 'ignore'.",
  )
}
