/** Tombstones: the row that goes is found by the key of the record, for its value is null. */
import { type CellValue, MillraceError, type SinkKey } from '@millrace/core'
import { cqlText } from './cql-type.ts'
import { type CqlEncoder, cqlEncoder } from './encode.ts'
import { OutRow } from './out-row.ts'
import { type BinderParts, originOf, type RowBinder, valueError } from './row-binder.ts'
import type { BoundColumn, TablePlan } from './table-plan.ts'

/** Binds the delete statement. A record whose key is not the primary key throws. */
export function tombstoneBinder(
  parts: BinderParts,
  { key: primary, tombstoneKey, isCounter }: TablePlan,
  key: SinkKey | null,
): RowBinder {
  const { batch, slab, statement } = parts
  if (tombstoneKey === null || key === null || isCounter) throw noKey(isCounter)
  const origin = originOf(parts)
  const encoders = primary.map(({ type }) => cqlEncoder(type))
  const hasTime = statement.parameters.length > primary.length
  return (index, writeTime) => {
    const bytes = batch.records.keys.get(index)
    if (bytes === null) throw noKey(false)
    const cells = key.cells(bytes)
    slab.begin()
    if (hasTime) slab.integer(writeTime)
    for (const [nth, column] of primary.entries()) {
      const cell = cells[tombstoneKey[nth] as number]
      slab.value(keyBytes(column, encoders[nth] as CqlEncoder, cell))
    }
    return new OutRow(origin, index, slab)
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
