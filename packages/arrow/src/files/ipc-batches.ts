import type { Batch, RowRange, Schema } from '@millrace/core'
import type { ArrowSchemaOptions } from '../bridge/arrow-schema.ts'
import { BatchGatherer } from '../bridge/batch-gatherer.ts'
import type { BodyCodec } from '../ipc/body-codec.ts'
import { batchMessage, dictionaryMessage } from '../ipc/ipc-messages.ts'
import { type IpcKind, IpcOutput } from '../ipc/ipc-output.ts'

export interface IpcBatchesOptions extends ArrowSchemaOptions {
  readonly kind: IpcKind
  readonly codec: BodyCodec | null
}

/** So many rows, or bytes, are a record batch. */
const BATCH_ROWS_MAX = 64 * 1024
const BATCH_BYTES_MAX = 8 * 1024 * 1024
/** Rows are copied in so many at once; then the size of the file is looked at. */
const SLICE_ROWS = 1024

/** Rows as an IPC stream or file, until it is ended. */
export class IpcBatches {
  readonly #gatherer: BatchGatherer
  readonly #codec: BodyCodec | null
  readonly #output: IpcOutput

  constructor(schema: Schema, options: IpcBatchesOptions) {
    this.#gatherer = new BatchGatherer(schema, options)
    this.#codec = options.codec
    this.#output = new IpcOutput(options.kind, this.#gatherer.schema)
  }

  get size(): number {
    return this.#output.size + this.#gatherer.size
  }

  write(batch: Batch, indices: Int32Array, { from, to, bytesMax }: RowRange): number {
    const gatherer = this.#gatherer
    for (let next = from; next < to; ) {
      const end = Math.min(to, next + SLICE_ROWS)
      gatherer.append(batch, indices, next, end)
      next = end
      if (gatherer.length >= BATCH_ROWS_MAX || gatherer.size >= BATCH_BYTES_MAX) this.#flush()
      if (this.size >= bytesMax) return next
    }
    return to
  }

  /** Everything since the last call, given away. */
  end(): Buffer {
    if (this.#gatherer.length > 0) this.#flush()
    const dictionaries = this.#gatherer
      .takeDictionaries()
      .map((values, id) => dictionaryMessage(id, values, this.#codec))
    return this.#output.end(dictionaries)
  }

  /** What `end` gave and nobody looks at any more. */
  recycle(bytes: Uint8Array): void {
    this.#output.recycle(bytes)
  }

  reset(): void {
    this.#gatherer.truncate(0)
    this.#gatherer.takeDictionaries()
    this.#output.reset()
  }

  #flush(): void {
    const gathered = this.#gatherer.take()
    this.#output.add(batchMessage(gathered, this.#codec))
    this.#gatherer.giveBack(gathered)
  }
}
