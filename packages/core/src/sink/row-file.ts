import type { Batch } from '../batch/batch.ts'
import { ByteWriter } from '../util/byte-writer.ts'
import type { FileWriter, RowRange, RowWriter } from './file-format.ts'

/** Files of a format that writes row by row. */
export class RowFile implements FileWriter {
  readonly #rows: RowWriter
  readonly #out = new ByteWriter(1024)

  constructor(rows: RowWriter) {
    this.#rows = rows
  }

  get size(): number {
    return this.#out.size
  }

  write(batch: Batch, indices: Int32Array, { from, to, bytesMax }: RowRange): number {
    const out = this.#out
    for (let nth = from; nth < to; nth++) {
      if (out.size === 0) this.#rows.begin(out)
      const { size } = out
      try {
        this.#rows.row(batch, indices[nth] as number, out)
      } catch (error) {
        out.truncate(size)
        throw error
      }
      if (out.size >= bytesMax) return nth + 1
    }
    return to
  }

  end(): Uint8Array {
    return this.#out.take()
  }

  reset(): void {
    this.#out.reset()
  }
}
