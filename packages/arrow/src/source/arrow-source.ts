/**
 * Arrow IPC files and streams as bounded sources.
 *
 * A file is opened by its footer, a stream by its messages, without their bodies. One record batch
 * is in memory at a time, and of it only the columns that the plan reads are inflated and looked
 * at.
 */
import { recordsOf, rowsOf, type Schema, type Source, type SourceRowOptions } from '@millrace/core'
import { rowSchema } from '../bridge/row-schema.ts'
import { Fault } from '../ipc/fault.ts'
import { type ByteRange, type IpcIndex, type Reading, readIndex } from '../ipc/ipc-index.ts'
import { IpcReader, readThere } from '../ipc/ipc-reader.ts'
import { batchOfColumns } from '../ipc/ipc-rows.ts'
import { type FilesPlace, filesAt, type OpenedFile, orClosed, sourceFailed } from './file-set.ts'
import { type BlockFile, FilesReader } from './files-reader.ts'
import { prunedSchema } from './pruned-schema.ts'

// biome-ignore lint/suspicious/noExplicitAny: rows of any type, as in Array<any>.
export interface ArrowSourceOptions<Row = any> extends SourceRowOptions<Row> {
  /** The columns to read, and as what; default all of the first file, as the guide's table says. */
  readonly schema?: Schema<Row>
}

/**
 * A bounded source of the rows of an Arrow IPC file or stream, or of all `.arrow`, `.arrows`,
 * `.feather` and `.ipc` files below a folder, in the order of their names. Every file must have the
 * columns of the first one, or of `schema`.
 *
 * @example
 * const flights = await fromArrow('out/flights', { timestamp: 'date' })
 */
export async function fromArrow<Row = Record<string, unknown>>(
  place: FilesPlace,
  options: ArrowSourceOptions<Row> = {},
): Promise<Source<Row>> {
  const files = await filesAt(place, ['arrow', 'arrows', 'feather', 'ipc'])
  const [first] = files.names
  if (first === undefined) throw sourceFailed(`${files.name} has no Arrow files.`)
  const opened = await openIpc(await files.open(first), first)
  await opened.file.close()
  const schema: Schema<Row> = rowSchema(opened.index.schema, options.schema, first)
  recordsOf(schema, 'row', options)
  return Object.freeze<Source<Row>>({
    name: `arrow ${files.name}`,
    schema,
    isBounded: true,
    partitionCount: 1,
    open: async (_, position, context) => {
      const read = prunedSchema(schema, options, context)
      const recordOf = recordsOf(read, 'row', options)
      const open = async (name: string) => blocksOf(await files.open(name), name, read)
      return new FilesReader({ files, open, recordOf }, position)
    },
  })
}

interface OpenedIpc {
  readonly file: OpenedFile
  readonly index: IpcIndex
}

async function openIpc(file: OpenedFile, name: string): Promise<OpenedIpc> {
  return orClosed(file, async () => {
    return { file, index: await performed(readIndex(file.size), file, name) }
  })
}

async function blocksOf(opened: OpenedFile, name: string, schema: Schema): Promise<BlockFile> {
  const { file, index } = await openIpc(opened, name)
  const reader = await orClosed(file, () => {
    return new IpcReader(index, rowSchema(index.schema, schema, name))
  })
  return {
    blockCount: index.batches.length,
    block: async nth => {
      const { columns, length } = await performed(reader.batch(nth), file, name)
      const row = rowsOf(batchOfColumns(schema, columns, length))
      return { count: length, row }
    },
    close: () => file.close(),
  }
}

async function performed<T>(reading: Reading<T>, file: OpenedFile, name: string): Promise<T> {
  try {
    return await readThere(reading, ({ start, end }: ByteRange) => file.read(start, end))
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    throw sourceFailed(
      `${name} can't be read as Arrow: ${error.message}. Write it again, or leave it out.`,
      error,
    )
  }
}
