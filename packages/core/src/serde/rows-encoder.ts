import type { Batch } from '../batch/batch.ts'
import type { Encoder } from './serde.ts'

/** Rows one behind the other. */
export interface RowsWritten {
  readonly bytes: Uint8Array
  /** Of each row; -1: it is not there, `encode` tells why or writes it. */
  readonly sizes: Int32Array
}

/** An encoder that can write many rows faster than each by itself. */
export interface RowsEncoder extends Encoder {
  /**
   * Writes rows of a batch as `encode` would, as many as it can; valid until it is asked again, and
   * until any other encoder is. Null: it wrote none.
   */
  encodeRows(batch: Batch, rows: Int32Array): RowsWritten | null
}

export function isRowsEncoder(encoder: Encoder): encoder is RowsEncoder {
  return 'encodeRows' in encoder
}
