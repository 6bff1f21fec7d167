/**
 * How a step with state finds the key of a record: its group columns as a group key, or the bytes
 * of the record key.
 */
import type { Batch } from '../batch/batch.ts'
import { MillraceError } from '../errors.ts'
import type { GroupKeyCodec } from '../record/format/group-key.ts'
import type { ByteWriter } from '../util/byte-writer.ts'
import type { CellReader } from './cell-reader.ts'

/** Null where it is used: grouped by the bytes of the record key. */
export interface Grouping {
  readonly codec: GroupKeyCodec
  readonly columns: readonly CellReader[]
  readonly names: readonly string[]
}

/**
 * The key of each record as a string of one character per byte (latin1), whose order is that of the
 * bytes.
 * @param step as errors name it: `a window`.
 * @throws NULL_KEY or ENCODE_FAILED for a record that has no key.
 */
export function groupKeysOf(
  batch: Batch,
  group: Grouping | null,
  step: string,
  out: ByteWriter,
): (index: number) => string {
  if (group === null) return index => recordKey(batch, step, index)
  const readers = group.columns.map(column => column(batch))
  return index => {
    out.reset()
    group.codec.encode(
      readers.map(cellAt => cellAt(index) ?? null),
      out,
    )
    return out.view().toString('latin1')
  }
}

function recordKey(batch: Batch, step: string, index: number): string {
  const { keys } = batch.records
  if (keys.isNull(index)) {
    throw new MillraceError(
      'NULL_KEY',
      `${step} without groupBy groups by the record key, and this record has none. ` +
        'Group by a column: groupBy(…).',
    )
  }
  const bytes = keys.get(index) as Uint8Array
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
}

/** A record whose key fails is the business of `process`. */
export function keyOrNone(keyAt: (index: number) => string, index: number): string | undefined {
  try {
    return keyAt(index)
  } catch {
    return undefined
  }
}
