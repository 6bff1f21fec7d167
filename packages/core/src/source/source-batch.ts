import { Batch, type RecordColumns } from '../batch/batch.ts'
import { type BytesColumn, type CellValue, JsonColumn } from '../batch/column.ts'
import { columnBuilder, columnOf } from '../batch/column-builder.ts'
import { t } from '../schema/data-type.ts'
import type { Schema } from '../schema/schema.ts'
import { schemaRead } from '../serde/columns-read.ts'
import type { ColumnsRead } from '../serde/serde.ts'
import type { SourceRecord } from './source.ts'

/** Where records of a source stand; errors name it as topic and partition. */
export interface SourcePlace {
  readonly name: string
  readonly partition: number
  /** The running number of the first record, as its offset. */
  readonly firstOffset: number
}

const KEY = t.bytes().nullable()
const ANY_JSON = t.json().nullable()

/**
 * Records of a source as a batch of the columns read; for an open schema read whole, with the
 * values in `rest`. Records without event time have 0; every watermark is -Infinity, for the
 * runtime to fill in. The rows' cells are trusted: the source has checked them.
 */
export function sourceBatch(
  records: readonly SourceRecord[],
  schema: Schema,
  read: ColumnsRead,
  place: SourcePlace,
): Batch {
  const columnsRead = schemaRead(schema, read)
  const columns = columnsRead.fields.map(({ name, type }) => {
    const builder = columnBuilder(type)
    for (const { value } of records) {
      const cell = Object.hasOwn(value, name) ? value[name] : null
      builder.append((cell ?? null) as CellValue)
    }
    return builder.build()
  })
  const rest = columnsRead.isOpen
    ? new JsonColumn(
        ANY_JSON,
        records.map(record => record.value),
      )
    : null
  const { length } = records
  const recordColumns: RecordColumns = {
    topic: place.name,
    partition: place.partition,
    keys: columnOf(
      KEY,
      records.map(record => record.key ?? null),
    ) as BytesColumn,
    timestamps: Float64Array.from(records, record => record.timestamp ?? 0),
    offsets: Float64Array.from(records, (_, index) => place.firstOffset + index),
    watermarks: new Float64Array(length).fill(Number.NEGATIVE_INFINITY),
    headers: null,
    tombstones: null,
  }
  return new Batch({ schema: columnsRead, columns, rest, records: recordColumns, selection: null })
}
