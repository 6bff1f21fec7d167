import { getBit } from '../util/bitmap.ts'
import type { BytesColumn, StringColumn } from './column.ts'

/** Beyond it the call of a built-in is faster than a loop. */
const SHORT_BYTES = 96
/** Copied at once. */
const WIDE_BYTES = 16

/**
 * Copies the bytes of cells one behind the other into `out`, from `at` on; of null cells nothing.
 * Gives where they end; what `out` holds behind may be written over.
 *
 * Perf: four bytes at a time; cells of 12 bytes take 20 ns where byte by byte takes 45. Where there
 * is room, short ones always 16 bytes, which leaves the processor nothing to guess: 7 ns for 11.
 */
export function gatherBytes(
  { data, start, size, validity }: BytesColumn | StringColumn,
  rows: Int32Array,
  out: Buffer,
  at: number,
): number {
  const from = new DataView(data.buffer, data.byteOffset, data.byteLength)
  const to = new DataView(out.buffer, out.byteOffset, out.byteLength)
  const firstMax = data.length - WIDE_BYTES
  const endMax = out.length - WIDE_BYTES
  let end = at
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i] as number
    if (validity !== null && !getBit(validity, row)) continue
    const first = start[row] as number
    const bytes = size[row] as number
    if (bytes <= WIDE_BYTES && first <= firstMax && end <= endMax) {
      to.setInt32(end, from.getInt32(first, true), true)
      to.setInt32(end + 4, from.getInt32(first + 4, true), true)
      to.setInt32(end + 8, from.getInt32(first + 8, true), true)
      to.setInt32(end + 12, from.getInt32(first + 12, true), true)
    } else if (bytes > SHORT_BYTES) out.set(data.subarray(first, first + bytes), end)
    else {
      let j = 0
      for (; j + 4 <= bytes; j += 4) to.setInt32(end + j, from.getInt32(first + j, true), true)
      for (; j < bytes; j++) out[end + j] = data[first + j] as number
    }
    end += bytes
  }
  return end
}

/** The size of each of these cells; -1 = null. Gives all of them together. */
export function gatherSizes(
  { size, validity }: BytesColumn | StringColumn,
  rows: Int32Array,
  sizes: Int32Array,
): number {
  let bytes = 0
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i] as number
    const isNull = validity !== null && !getBit(validity, row)
    sizes[i] = isNull ? -1 : (size[row] as number)
    if (!isNull) bytes += size[row] as number
  }
  return bytes
}
