import { Batch } from '../batch/batch.ts'
import type { BytesColumn, CellValue, JsonColumn } from '../batch/column.ts'
import { columnBuilder, columnOf } from '../batch/column-builder.ts'
import { t } from '../schema/data-type.ts'
import type { Schema } from '../schema/schema.ts'
import { bitmapBytes, setBit } from '../util/bitmap.ts'

type Cells = Readonly<Record<string, CellValue>>

/**
 * A batch of rows, for tests: topic `test`, partition 0, offsets and timestamps from 0, no keys. A
 * row that is null is a tombstone; a column that is missing is null. In an open schema the whole
 * row is kept.
 */
export function batchOfRows(schema: Schema, rows: readonly (Cells | null)[]): Batch {
  const columns = schema.fields.map(({ name, type }) => {
    const builder = columnBuilder(type)
    for (const row of rows)
      builder.append(row !== null && Object.hasOwn(row, name) ? (row[name] ?? null) : null)
    return builder.build()
  })
  const counted = Float64Array.from(rows, (_, i) => i)
  return new Batch({
    schema,
    columns,
    rest: schema.isOpen ? (columnOf(t.json().nullable(), rows) as JsonColumn) : null,
    records: {
      topic: 'test',
      partition: 0,
      keys: columnOf(
        t.bytes().nullable(),
        rows.map(() => null),
      ) as BytesColumn,
      timestamps: counted,
      offsets: counted,
      watermarks: Float64Array.from(rows, () => Number.NEGATIVE_INFINITY),
      headers: null,
      tombstones: tombstonesOf(rows),
    },
    selection: null,
  })
}

function tombstonesOf(rows: readonly (Cells | null)[]): Uint8Array | null {
  if (!rows.includes(null)) return null
  const bits = new Uint8Array(bitmapBytes(rows.length))
  for (const [i, row] of rows.entries()) if (row === null) setBit(bits, i)
  return bits
}
