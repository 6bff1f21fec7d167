import type { FileFormat } from '@millrace/core'
import { type ArrowSchemaOptions, arrowSchema } from '../bridge/arrow-schema.ts'
import { bodyCodec, type IpcCompression } from '../ipc/body-codec.ts'
import type { IpcKind } from '../ipc/ipc-output.ts'
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
  return ipcFormat({ name: 'arrow', extension: 'arrow', kind: 'file' }, options)
}

/** Arrow IPC streams (`.arrows`), which readers take from the beginning to the end. */
export function arrowStream(options: IpcFormatOptions = {}): FileFormat {
  return ipcFormat({ name: 'arrow-stream', extension: 'arrows', kind: 'stream' }, options)
}

interface IpcFormat {
  readonly name: string
  readonly extension: string
  readonly kind: IpcKind
}

function ipcFormat({ name, extension, kind }: IpcFormat, options: IpcFormatOptions): FileFormat {
  const codec = bodyCodec(options.compression ?? 'none')
  return Object.freeze<FileFormat>({
    name,
    extension,
    check: schema => {
      arrowSchema(schema, options)
    },
    writer: schema => new BatchesFile(new IpcBatches(schema, { ...options, kind, codec }), null),
  })
}
