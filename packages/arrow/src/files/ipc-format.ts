import type { FileFormat } from '@millrace/core'
import { type ArrowSchemaOptions, arrowSchema } from '../bridge/arrow-schema.ts'
import { bodyCodec, type IpcCompression } from '../ipc/body-codec.ts'
import { type BufferOf, type IpcContent, ipcFile, ipcStream } from '../ipc/ipc-messages.ts'
import { BatchesFile } from './batches-file.ts'
import { IpcBatches } from './ipc-batches.ts'

export interface IpcFormatOptions extends ArrowSchemaOptions {
  /** How buffers are compressed. Default `none`, which readers map into memory as it is. */
  readonly compression?: IpcCompression
}

/**
 * Arrow IPC files, which readers open at any record batch (`.arrow`, also known as Feather).
 *
 * @example
 * frame.sink(filesSink(localFolder('out'), { format: arrowFile({ compression: 'lz4' }) }))
 */
export function arrowFile(options: IpcFormatOptions = {}): FileFormat {
  return ipcFormat({ name: 'arrow', extension: 'arrow', join: ipcFile }, options)
}

/** Arrow IPC streams (`.arrows`), which readers take from the beginning to the end. */
export function arrowStream(options: IpcFormatOptions = {}): FileFormat {
  return ipcFormat({ name: 'arrow-stream', extension: 'arrows', join: ipcStream }, options)
}

interface IpcKind {
  readonly name: string
  readonly extension: string
  readonly join: (content: IpcContent, bufferOf: BufferOf) => Buffer
}

function ipcFormat({ name, extension, join }: IpcKind, options: IpcFormatOptions): FileFormat {
  const codec = bodyCodec(options.compression ?? 'none')
  return Object.freeze<FileFormat>({
    name,
    extension,
    check: schema => {
      arrowSchema(schema, options)
    },
    writer: schema =>
      new BatchesFile(new IpcBatches(schema, options, codec), (content, buffers) =>
        join(content, size => buffers.take(size)),
      ),
  })
}
