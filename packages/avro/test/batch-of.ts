import {
  Batch,
  BytesColumn,
  type CellValue,
  type Column,
  columnOf,
  type Schema,
  t,
} from '@millrace/core'

/** A batch of these columns, as records that nobody has read. */
export function batchOf(schema: Schema, columns: readonly Column[], count: number): Batch {
  const nothing = {
    data: Buffer.alloc(0),
    start: new Int32Array(count),
    size: new Int32Array(count),
  }
  const records = {
    topic: 'test',
    partition: 0,
    keys: new BytesColumn(t.bytes().nullable(), nothing, new Uint8Array(count)),
    timestamps: new Float64Array(count),
    offsets: new Float64Array(count),
    watermarks: new Float64Array(count),
    headers: null,
    tombstones: null,
  }
  return new Batch({ schema, columns, rest: null, records, selection: null })
}

/** A batch of rows. */
export function batchOfRows(schema: Schema, rows: readonly object[]): Batch {
  const columns = schema.fields.map(({ name, type }) => {
    return columnOf(
      type,
      rows.map(row => (row as Record<string, CellValue>)[name] ?? null),
    )
  })
  return batchOf(schema, columns, rows.length)
}
