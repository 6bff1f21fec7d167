/**
 * Parquet files as bounded sources, read in JavaScript: no damaged file can end the process.
 *
 * One row group is in memory at a time, and of it only the columns that the plan reads. Row groups
 * whose statistics say that no row of theirs is between the bounds given are passed over.
 */
import {
  type ColumnBound,
  MillraceError,
  type RecordsWanted,
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
  parquetSchema,
  type RowGroup,
} from 'hyparquet'
import { pathsRead } from './column-chunks.ts'
import { type FilesPlace, filesAt, type OpenedFile, orClosed, sourceFailed } from './file-set.ts'
import { type BlockFile, FilesReader } from './files-reader.ts'
import { PARSERS, plainMetadata } from './parquet-cells.ts'
import { COMPRESSORS } from './parquet-codecs.ts'
import { cellsOfRow, parquetSchemaOf } from './parquet-schema.ts'
import { prunedSchema } from './pruned-schema.ts'
import { unwantedIn } from './unwanted-groups.ts'

export type Bound = ColumnBound['value']

/** The end of a file that is read at once, for its metadata. */
const TAIL_BYTES = 64 * 1024
const METADATA = {
  // Statistics of text may be cut off within a letter: they are compared as bytes.
  parsers: { ...PARSERS, stringFromBytes: (bytes: Uint8Array) => bytes as unknown as string },
  geoparquet: false,
  initialFetchSize: TAIL_BYTES,
}

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
      const wanted = wantedBy(options, context?.wanted)
      const open = async (name: string) => {
        const parquet = await openParquet(await files.open(name), name)
        return orClosed(parquet.file, () => blocksOf(parquet, name, { read, wanted }))
      }
      return new FilesReader({ files, open, recordOf }, position)
    },
  })
}

/** What the plan looks at and the user asks for. */
function wantedBy(
  { between = {}, timestamp }: ParquetSourceOptions,
  byPlan: RecordsWanted | undefined,
): RecordsWanted | undefined {
  const bounds = Object.entries(between).flatMap(([column, [least, greatest]]): ColumnBound[] => [
    { column, is: 'gte', value: least },
    { column, is: 'lte', value: greatest },
  ])
  // A function of the user may be called for each row.
  const wanted = typeof timestamp === 'function' ? undefined : byPlan
  if (wanted !== undefined) return wanted.map(alternative => [...alternative, ...bounds])
  return bounds.length === 0 ? undefined : [bounds]
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
      const metadata = await parquetMetadataAsync(buffer, METADATA)
      checkTree(metadata)
      return { file, buffer, metadata }
    } catch (error) {
      throw damaged(name, error)
    }
  })
}

/** Damaged counts of children lead out of the schema, or deeper than the stack. */
function checkTree(metadata: FileMetaData): void {
  try {
    parquetSchema(metadata)
  } catch (cause) {
    throw new Error('its schema is no tree of columns', { cause })
  }
}

async function sliceOf(file: OpenedFile, start: number, end: number): Promise<ArrayBuffer> {
  const isInside = 0 <= start && start <= end && end <= file.size
  if (!isInside) throw new Error(`bytes ${start} to ${end} are beyond the end, ${file.size}`)
  const { buffer, byteOffset, length } = await file.read(start, end)
  return buffer.slice(byteOffset, byteOffset + length) as ArrayBuffer
}

interface Pruned {
  readonly read: Schema
  readonly wanted: RecordsWanted | undefined
}

function blocksOf(
  { file, buffer, metadata }: OpenedParquet,
  name: string,
  { read, wanted }: Pruned,
): BlockFile {
  parquetSchemaOf(metadata, read, name)
  const columns = [...read.names]
  const plain = plainMetadata(metadata)
  const convert = cellsOfRow(metadata, read)
  const isUnwanted = unwantedIn(metadata, wanted)
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
      const rowStart = starts[nth] as number
      const rowEnd = rowStart + Number(group.num_rows)
      if (isUnwanted(group)) return { count: rowEnd - rowStart, row: null }
      // No column is read: there are only rows to count.
      if (columns.length === 0) return { count: rowEnd - rowStart, row: () => ({}) }
      const range = { buffer, metadata: plain, columns, rowStart, rowEnd }
      const paths = () => pathsRead(metadata, group, read)
      const found = await readRows({ ...range, paths, convert }, name)
      return { count: found.length, row: index => found[index] as Row }
    },
    close: () => file.close(),
  }
}

interface RowsToRead {
  readonly buffer: AsyncBuffer
  readonly metadata: FileMetaData
  readonly columns: string[]
  /** What is stored for them. @throws an Error for what can't be read. */
  readonly paths: () => readonly string[]
  readonly convert: ((row: Row) => void) | null
  readonly rowStart: number
  readonly rowEnd: number
}

async function readRows(
  { buffer, paths, convert, ...range }: RowsToRead,
  name: string,
): Promise<Row[]> {
  let rows: Row[] = []
  const ends = new Map<string, number>()
  try {
    const stored = paths()
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
    for (const path of stored) {
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

function damaged(name: string, error: unknown): MillraceError {
  if (MillraceError.is(error)) return error
  const text = error instanceof Error ? error.message : String(error)
  return sourceFailed(
    `${name} can't be read as Parquet: ${text}. Write it again, or leave it out.`,
    error,
  )
}
