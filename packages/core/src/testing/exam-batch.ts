import type { Batch } from '../batch/batch.ts'
import type { BytesColumn, CellValue } from '../batch/column.ts'
import { columnOf } from '../batch/column-builder.ts'
import { t } from '../schema/data-type.ts'
import type { Schema } from '../schema/schema.ts'
import { batchOfRows } from './batch-of-rows.ts'

/**
 * A batch as it comes from a topic, for exams of operators: keys `k0`, `k1`, `k2` in turn and a
 * null key for every seventh, offsets from 100 with gaps, headers here and there, event time a
 * second apart and out of order. A row that is null is a tombstone.
 */
export function examBatch(
  schema: Schema,
  rows: readonly (Readonly<Record<string, CellValue>> | null)[],
): Batch {
  const batch = batchOfRows(schema, rows)
  const keys = rows.map((_, i) => (i % 7 === 6 ? null : Buffer.from(`k${i % 3}`)))
  return batch.with({
    records: {
      ...batch.records,
      topic: 'exam',
      partition: 2,
      keys: columnOf(t.bytes().nullable(), keys) as BytesColumn,
      offsets: Float64Array.from(rows, (_, i) => 100 + i + Math.floor(i / 4)),
      timestamps: Float64Array.from(rows, (_, i) => 1_000 * i - (i % 5 === 4 ? 2_500 : 0)),
      headers: rows.map((_, i) =>
        i % 3 === 0 ? [{ name: 'h', value: Buffer.from(String(i)) }] : [],
      ),
    },
  })
}
