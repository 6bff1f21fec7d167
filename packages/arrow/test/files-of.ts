import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type CellValue,
  columnOf,
  type FileFormat,
  memoryStore,
  type ObjectStore,
  type Row,
  type Schema,
} from '@millrace/core'
import { batchOfColumns } from '../src/ipc/ipc-rows.ts'

/** The bytes of one file with these rows. */
export function fileBytes(format: FileFormat, schema: Schema, rows: readonly Row[]): Buffer {
  const columns = schema.fields.map(({ name, type }) =>
    columnOf(
      type,
      rows.map(row => row[name] as CellValue),
    ),
  )
  const batch = batchOfColumns(schema, columns, rows.length)
  const writer = format.writer(schema)
  if ('row' in writer) throw new Error('it fills whole files')
  const indices = Int32Array.from(rows, (_, i) => i)
  writer.write(batch, indices, { from: 0, to: rows.length, bytesMax: 1e9 })
  return Buffer.from(writer.end())
}

/** A new folder with these files. */
export function folderOf(files: Readonly<Record<string, Uint8Array>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-arrow-'))
  for (const [name, bytes] of Object.entries(files)) writeFileSync(join(folder, name), bytes)
  return folder
}

/** A store with one object, and how many bytes have been read of it. */
export async function counted(
  name: string,
  object: Uint8Array,
): Promise<{ readonly store: ObjectStore; readonly bytes: () => number }> {
  const store = memoryStore()
  await store.put(name, object)
  const { get } = store
  let bytes = 0
  store.get = async (...range) => {
    const found = await get.apply(store, range)
    bytes += found?.length ?? 0
    return found
  }
  return { store, bytes: () => bytes }
}
