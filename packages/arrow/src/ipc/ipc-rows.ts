import { Batch, BytesColumn, type Column, type Schema as RowSchema, t } from '@millrace/core'
import { rowSchema } from '../bridge/row-schema.ts'
import { readIndex } from './ipc-index.ts'
import { IpcReader, type ReadBatch, readHere } from './ipc-reader.ts'

/**
 * All record batches of an IPC file or stream at hand.
 * @throws Fault, SCHEMA_MISMATCH
 */
export function readIpc(
  bytes: Uint8Array,
  declared: RowSchema | undefined,
  where: string,
): { readonly schema: RowSchema; readonly batches: readonly ReadBatch[] } {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const index = readHere(readIndex(buffer.length), buffer)
  const schema = rowSchema(index.schema, declared, where)
  const reader = new IpcReader(index, schema)
  const batches = index.batches.map((_, nth) => readHere(reader.batch(nth), buffer))
  return { schema, batches }
}

/** Columns as a batch whose records were made here. */
export function batchOfColumns(
  schema: RowSchema,
  columns: readonly Column[],
  length: number,
): Batch {
  const none = new Int32Array(length)
  const ranges = { data: new Uint8Array(0), start: none, size: none }
  const noKeys = new Uint8Array((length + 7) >>> 3)
  const records = {
    topic: 'arrow',
    partition: 0,
    keys: new BytesColumn(t.bytes().nullable(), ranges, noKeys),
    timestamps: new Float64Array(length),
    offsets: Float64Array.from({ length }, (_, i) => i),
    watermarks: new Float64Array(length).fill(Number.NEGATIVE_INFINITY),
    headers: null,
    tombstones: null,
  }
  return new Batch({ schema, columns, rest: null, records, selection: null })
}
