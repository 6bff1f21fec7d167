/**
 * Parquet files as bounded sources, read in JavaScript: no damaged file can end the process.
 *
 * One row group is in memory at a time, and of it only the columns that the plan reads. Row groups
 * whose statistics say that no row of theirs is between the bounds given are passed over.
 */
import {
  MillraceError,
  type Row,
  recordsOf,
  type Schema,
  type Source,
  type SourceRowOptions,
} from '@millrace/core'
import {
  type AsyncBuffer,
  type FileMetaData,
  parquetMetadataAsync,
  parquetRead,
  type RowGroup,
} from 'hyparquet'
import { type FilesPlace, filesAt, type OpenedFile, orClosed, sourceFailed } from './file-set.ts'
import { type BlockFile, FilesReader } from './files-reader.ts'
import { PARSERS, plainMetadata } from './parquet-cells.ts'
import { COMPRESSORS } from './parquet-codecs.ts'
import { cellsOfRow, parquetSchemaOf } from './parquet-schema.ts'
import { prunedSchema } from './pruned-schema.ts'

export type Bound = number | bigint | string

// biome-ignore lint/suspicious/noExplicitAny: rows of any type, as in Array<any>.
export interface ParquetSourceOptions<Row_ = any> extends SourceRowOptions<Row_> {
  /** The columns to read, and as what; default all of the first file. */
  readonly schema?: Schema<Row_>
  /**
   * Least and greatest value of interest by column: `{ date: [from, to] }`. Row groups without one
   * are not read; what is read may hold others, so filter the frame too. Times are milliseconds.
   */
  readonly between?: Readonly<Record<string, readonly [Bound, Bound]>>
}

/**
 * A bounded source of the rows of a Parquet file, or of all `.parquet` files below a folder, in the
 * order of their names. Every file must have the columns of the first one, or of `schema`.
 *
 * @example
 * const flights = await fromParquet('out/flights', { timestamp: 'date' })
 */
export async function fromParquet<Row_ = Record<string, unknown>>(
  place: FilesPlace,
  options: ParquetSourceOptions<Row_> = {},
): Promise<Source<Row_>> {
  const files = await filesAt(place, ['parquet'])
  const [first] = files.names
  if (first === undefined) throw sourceFailed(`${files.name} has no Parquet files.`)
  const opened = await openParquet(await files.open(first), first)
  await opened.file.close()
  const schema: Schema<Row_> = parquetSchemaOf(opened.metadata, options.schema, first)
  recordsOf(schema, 'row', options)
  for (const column of Object.keys(options.between ?? {})) schema.typeOf(column)
  return Object.freeze<Source<Row_>>({
    name: `parquet ${files.name}`,
    schema,
    isBounded: true,
    partitionCount: 1,
    open: async (_, position, context) => {
      const read = prunedSchema(schema, options, context)
      const recordOf = recordsOf(read, 'row', options)
      const between = Object.entries(options.between ?? {})
      const open = async (name: string) => {
        const parquet = await openParquet(await files.open(name), name)
        return orClosed(parquet.file, () => blocksOf(parquet, name, { read, between }))
      }
      return new FilesReader({ files, open, recordOf }, position)
    },
  })
}

interface OpenedParquet {
  readonly file: OpenedFile
  readonly buffer: AsyncBuffer
  readonly metadata: FileMetaData
}

async function openParquet(file: OpenedFile, name: string): Promise<OpenedParquet> {
  const buffer: AsyncBuffer = {
    byteLength: file.size,
    slice: (start, end = file.size) => {
      const slice = sliceOf(file, start, end)
      // The library asks for many at once; one that fails fails all.
      slice.catch(() => {})
      return slice
    },
  }
  return orClosed(file, async () => {
    try {
      const metadata = await parquetMetadataAsync(buffer, { parsers: PARSERS, geoparquet: false })
      return { file, buffer, metadata }
    } catch (error) {
      throw damaged(name, error)
    }
  })
}

async function sliceOf(file: OpenedFile, start: number, end: number): Promise<ArrayBuffer> {
  const isInside = 0 <= start && start <= end && end <= file.size
  if (!isInside) throw new Error(`bytes ${start} to ${end} are beyond the end, ${file.size}`)
  const { buffer, byteOffset, length } = await file.read(start, end)
  return buffer.slice(byteOffset, byteOffset + length) as ArrayBuffer
}

interface Pruned {
  readonly read: Schema
  readonly between: readonly (readonly [string, readonly [Bound, Bound]])[]
}

function blocksOf(
  { file, buffer, metadata }: OpenedParquet,
  name: string,
  { read, between }: Pruned,
): BlockFile {
  parquetSchemaOf(metadata, read, name)
  const columns = [...read.names]
  const plain = plainMetadata(metadata)
  const convert = cellsOfRow(metadata, read)
  const starts: number[] = []
  let rows = 0
  for (const group of metadata.row_groups) {
    starts.push(rows)
    rows += Number(group.num_rows)
  }
  return {
    blockCount: starts.length,
    block: async nth => {
      const group = metadata.row_groups[nth] as RowGroup
      if (between.some(([column, bounds]) => isOutside(group, column, bounds))) {
        return { count: 0, row: () => ({}) }
      }
      const rowStart = starts[nth] as number
      const rowEnd = rowStart + Number(group.num_rows)
      // No column is read: there are only rows to count.
      if (columns.length === 0) return { count: rowEnd - rowStart, row: () => ({}) }
      const paths = pathsOf(group, read)
      const range = { buffer, metadata: plain, columns, paths, rowStart, rowEnd }
      const found = await readRows(range, convert, name)
      return { count: found.length, row: index => found[index] as Row }
    },
    close: () => file.close(),
  }
}

interface RowsToRead {
  readonly buffer: AsyncBuffer
  readonly metadata: FileMetaData
  readonly columns: string[]
  /** Of the columns that are stored for them. */
  readonly paths: readonly string[]
  readonly rowStart: number
  readonly rowEnd: number
}

function pathsOf({ columns }: RowGroup, read: Schema): string[] {
  const paths = columns.map(({ meta_data: meta }) => meta?.path_in_schema ?? [])
  return paths.filter(([name = '']) => read.has(name)).map(path => path.join('.'))
}

async function readRows(
  { buffer, paths, ...range }: RowsToRead,
  convert: ((row: Row) => void) | null,
  name: string,
): Promise<Row[]> {
  let rows: Row[] = []
  const ends = new Map<string, number>()
  try {
    await parquetRead({
      ...range,
      file: buffer,
      compressors: COMPRESSORS,
      parsers: PARSERS,
      utf8: false,
      geoparquet: false,
      rowFormat: 'object',
      onPage: ({ pathInSchema, rowEnd }) => ends.set(pathInSchema.join('.'), rowEnd),
      onComplete: found => {
        rows = found
      },
    })
    // The library cuts off what is too much, and gives nothing for what is missing.
    for (const path of paths) {
      const count = (ends.get(path) ?? range.rowStart) - range.rowStart
      if (count === range.rowEnd - range.rowStart) continue
      throw new Error(`column ${JSON.stringify(path)} has ${count} cells in ${rows.length} rows`)
    }
    if (convert !== null) for (const row of rows) convert(row)
    return rows
  } catch (error) {
    throw damaged(name, error)
  }
}

function isOutside(
  { columns }: RowGroup,
  name: string,
  [least, greatest]: readonly [Bound, Bound],
): boolean {
  const path = columns.find(({ meta_data: meta }) => meta?.path_in_schema.join('.') === name)
  const { min_value: min, max_value: max } = path?.meta_data?.statistics ?? {}
  if (!isBound(min) || !isBound(max)) return false
  return typeof min === typeof least || (isNumber(min) && isNumber(least))
    ? (max as Bound) < least || (min as Bound) > greatest
    : false
}

function isNumber(value: unknown): boolean {
  return typeof value === 'number' || typeof value === 'bigint'
}

function isBound(value: unknown): boolean {
  return isNumber(value) || typeof value === 'string'
}

function damaged(name: string, error: unknown): MillraceError {
  if (MillraceError.is(error)) return error
  const text = error instanceof Error ? error.message : String(error)
  return sourceFailed(
    `${name} can't be read as Parquet: ${text}. Write it again, or leave it out.`,
    error,
  )
}
