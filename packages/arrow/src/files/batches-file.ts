import type { Batch, FileWriter, RowRange } from '@millrace/core'
import type { IpcContent } from '../ipc/ipc-messages.ts'
import { FileBuffers } from './file-buffers.ts'
import type { IpcBatches } from './ipc-batches.ts'

/** The bytes of a whole file, copied, in memory of these buffers. */
export type JoinFile = (content: IpcContent, buffers: FileBuffers) => Uint8Array

/** Files of one kind, one after the other: rows are gathered, and joined when a file ends. */
export class BatchesFile implements FileWriter {
  readonly #batches: IpcBatches
  readonly #join: JoinFile
  readonly #buffers = new FileBuffers()

  constructor(batches: IpcBatches, join: JoinFile) {
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
    const bytes = this.#join(this.#batches.take(), this.#buffers)
    this.#batches.giveBack()
    return bytes
  }

  recycle(file: Uint8Array): void {
    this.#buffers.giveBack(file.buffer as ArrayBuffer)
  }

  reset(): void {
    this.#batches.reset()
  }
}
