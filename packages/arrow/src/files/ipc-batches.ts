import type { Batch, RowRange, Schema } from '@millrace/core'
import type { ArrowSchemaOptions } from '../bridge/arrow-schema.ts'
import { BatchGatherer, type GatheredBatch } from '../bridge/batch-gatherer.ts'
import type { BodyCodec } from '../ipc/body-codec.ts'
import {
  batchMessage,
  dictionaryMessage,
  type IpcContent,
  type IpcMessage,
} from '../ipc/ipc-messages.ts'

/** So many rows, or bytes, are a record batch. */
const BATCH_ROWS_MAX = 64 * 1024
const BATCH_BYTES_MAX = 8 * 1024 * 1024
/** Rows are copied in so many at once; then the size of the file is looked at. */
const SLICE_ROWS = 1024

/** Rows as the messages of one file, until it is ended. */
export class IpcBatches {
  readonly #gatherer: BatchGatherer
  readonly #codec: BodyCodec | null
  #messages: IpcMessage[] = []
  /** What the messages look at. */
  #gathered: GatheredBatch[] = []
  #bytes = 0

  constructor(schema: Schema, options: ArrowSchemaOptions, codec: BodyCodec | null) {
    this.#gatherer = new BatchGatherer(schema, options)
    this.#codec = codec
  }

  get size(): number {
    return this.#bytes + this.#gatherer.size
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

  /** Everything since the last call. */
  take(): IpcContent {
    if (this.#gatherer.length > 0) this.#flush()
    const { schema } = this.#gatherer
    const dictionaries = this.#gatherer
      .takeDictionaries()
      .map((values, id) => dictionaryMessage(id, values, this.#codec))
    const batches = this.#messages
    this.#messages = []
    this.#bytes = 0
    return { schema, dictionaries, batches }
  }

  /** Of what was taken nothing is looked at any more: its buffers are used again. */
  giveBack(): void {
    for (const batch of this.#gathered) this.#gatherer.giveBack(batch)
    this.#gathered = []
  }

  reset(): void {
    this.#gatherer.truncate(0)
    this.#gatherer.takeDictionaries()
    this.#messages = []
    this.#bytes = 0
    this.giveBack()
  }

  #flush(): void {
    const gathered = this.#gatherer.take()
    const message = batchMessage(gathered, this.#codec)
    this.#gathered.push(gathered)
    this.#bytes += message.metadataBytes + message.bodyBytes
    this.#messages.push(message)
  }
}
