import type { CollectOptions, Schema, SinkDefinition, StreamingDataFrame } from '@millrace/core'
import { type Table, tableFromIPC } from 'apache-arrow'
import { type ArrowSchemaOptions, arrowSchema } from '../bridge/arrow-schema.ts'
import { IpcBatches } from '../files/ipc-batches.ts'
import { rowIndices } from './rows-of-batch.ts'

export interface TableOptions extends ArrowSchemaOptions, CollectOptions {
  /** How far to read: to the present end. */
  readonly until?: 'end'
}

/**
 * Reads a frame to its present end, as `collect` does, and gives its rows as an Arrow table.
 *
 * @example
 * const table = await toArrowTable(frame, { until: 'end', dictionary: ['origin'] })
 */
export async function toArrowTable<Row>(
  frame: StreamingDataFrame<Row>,
  options: TableOptions = {},
): Promise<Table> {
  const gathered: { batches: IpcBatches | null } = { batches: null }
  await frame.collectInto(tableSink(gathered, options), options)
  // The sink was attached, so its schema is known.
  return tableFromIPC((gathered.batches as IpcBatches).end())
}

function tableSink(
  gathered: { batches: IpcBatches | null },
  options: ArrowSchemaOptions,
): SinkDefinition {
  const nothing = (): Promise<void> => Promise.resolve()
  return {
    name: 'arrow table',
    check: (schema: Schema) => {
      arrowSchema(schema, options)
      gathered.batches = new IpcBatches(schema, { ...options, kind: 'file', codec: null })
    },
    create: () => ({
      open: nothing,
      write: batch => {
        const indices = rowIndices(batch)
        const range = { from: 0, to: indices.length, bytesMax: Number.POSITIVE_INFINITY }
        gathered.batches?.write(batch, indices, range)
        return undefined
      },
      prepare: () => Promise.resolve(null),
      commit: nothing,
      abort: nothing,
      recover: nothing,
      close: nothing,
    }),
  }
}
