import type { Schema } from '@millrace/core'
import type { ColumnMetaData, FileMetaData, RowGroup, SchemaElement } from 'hyparquet'
import { isUint32 } from './parquet-cells.ts'
import { COMPRESSORS } from './parquet-codecs.ts'

/**
 * The paths of what is stored of a row group for the columns that are read.
 * @throws an Error that says what can't be read.
 */
export function pathsRead(metadata: FileMetaData, { columns }: RowGroup, read: Schema): string[] {
  const leaves = metadata.schema.filter(({ type }) => type !== undefined)
  return columns.flatMap(({ meta_data: meta }, i) => {
    if (meta === undefined || !read.has(meta.path_in_schema[0] ?? '')) return []
    const path = meta.path_in_schema.join('.')
    const fault = codecFault(meta) ?? deltaFault(metadata, leaves[i], meta)
    if (fault === null) return [path]
    throw new Error(`column ${JSON.stringify(path)} ${fault}`)
  })
}

function codecFault({ codec }: ColumnMetaData): string | null {
  if (codec === 'UNCOMPRESSED' || Object.hasOwn(COMPRESSORS, codec)) return null
  const known = Object.keys(COMPRESSORS).join(', ')
  return `is compressed by ${codec ?? 'an unknown codec'}; ${known} are read`
}

/**
 * DuckDB (2.0) writes unsigned differences of 33 bits, of which the library takes 32: other
 * numbers, and no error. Numbers below 2^31 are not concerned.
 */
function deltaFault(
  { created_by: writer }: FileMetaData,
  element: SchemaElement | undefined,
  { encodings, statistics }: ColumnMetaData,
): string | null {
  if (element === undefined || !isUint32(element)) return null
  if (writer?.startsWith('DuckDB') !== true) return null
  if (!encodings.includes('DELTA_BINARY_PACKED')) return null
  const greatest = statistics?.max_value
  if (typeof greatest === 'number' && greatest < 2 ** 31) return null
  return "has unsigned numbers from 2^31 on as DuckDB's v2 writes them; write it with v1"
}
