import type { BytesColumn, StringColumn } from '../batch/column.ts'
import { gatherBytes, gatherSizes } from '../batch/gather-ranges.ts'
import type { RawRecords } from './raw-records.ts'
import { recordPositions } from './record-positions.ts'

export interface RecordParts {
  /** Values one behind the other, and the size of each. */
  readonly values: { readonly bytes: Uint8Array; readonly sizes: Int32Array }
  readonly keys: BytesColumn | StringColumn
  readonly timestamps: Float64Array
  /** Which of the keys and times belong to each value. */
  readonly rows: Int32Array
}

/** Records without headers, of parts that are there; a copy of these. */
export function gatheredRecords({ values, keys, timestamps, rows }: RecordParts): RawRecords {
  const count = rows.length
  const positions = recordPositions(count)
  const { bytes, sizes } = values
  const keyBytes = gatherSizes(keys, rows, positions.keySize)
  positions.valueSize.set(sizes)
  startsOf(sizes, 0, positions.valueStart)
  startsOf(positions.keySize, bytes.length, positions.keyStart)
  const { timestamps: times } = positions
  for (let i = 0; i < count; i++) times[i] = timestamps[rows[i] as number] as number
  const data = Buffer.allocUnsafeSlow(bytes.length + keyBytes)
  data.set(bytes)
  gatherBytes(keys, rows, data, bytes.length)
  return { count, data, ...positions }
}

/** Where parts begin that lie one behind the other. */
function startsOf(sizes: Int32Array, from: number, starts: Int32Array): void {
  let at = from
  for (let i = 0; i < sizes.length; i++) {
    starts[i] = at
    at += Math.max(0, sizes[i] as number)
  }
}
