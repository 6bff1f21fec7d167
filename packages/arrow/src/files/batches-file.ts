import type { Batch, FileWriter, RowRange } from '@millrace/core'
import type { IpcBatches } from './ipc-batches.ts'

/** Files of one kind, one after the other, made of IPC streams or files. */
export class BatchesFile implements FileWriter {
  readonly #batches: IpcBatches
  readonly #convert: ((bytes: Buffer) => Uint8Array) | null

  /** @param convert copies bytes of Arrow into a file of another kind; null: they are the file */
  constructor(batches: IpcBatches, convert: ((bytes: Buffer) => Uint8Array) | null) {
    this.#batches = batches
    this.#convert = convert
  }

  get size(): number {
    return this.#batches.size
  }

  write(batch: Batch, indices: Int32Array, range: RowRange): number {
    return this.#batches.write(batch, indices, range)
  }

  end(): Uint8Array {
    const bytes = this.#batches.end()
    if (this.#convert === null) return bytes
    const file = this.#convert(bytes)
    this.#batches.recycle(bytes)
    return file
  }

  recycle(file: Uint8Array): void {
    if (this.#convert === null) this.#batches.recycle(file)
  }

  reset(): void {
    this.#batches.reset()
  }
}
