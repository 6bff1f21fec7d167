import type { Batch, FileWriter, RowRange } from '@millrace/core'
import type { IpcContent } from '../ipc/ipc-messages.ts'
import type { IpcBatches } from './ipc-batches.ts'

/** Files of one kind, one after the other: rows are gathered, and joined when a file ends. */
export class BatchesFile implements FileWriter {
  readonly #batches: IpcBatches
  readonly #join: (content: IpcContent) => Uint8Array

  /** @param join the bytes of a whole file */
  constructor(batches: IpcBatches, join: (content: IpcContent) => Uint8Array) {
    this.#batches = batches
    this.#join = join
  }

  get size(): number {
    return this.#batches.size
  }

  write(batch: Batch, indices: Int32Array, range: RowRange): number {
    return this.#batches.write(batch, indices, range)
  }

  end(): Uint8Array {
    return this.#join(this.#batches.take())
  }

  reset(): void {
    this.#batches.reset()
  }
}
