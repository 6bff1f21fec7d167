/**
 * Reads records that say by an id or a GUID which schema wrote them.
 *
 * Nearly every batch has one id, which is known, in front of all its values. Such a batch is read
 * while it is prepared, and nobody looks through it for ids before: the scan itself sees that they
 * are the same. Any other batch is looked through, what is missing is fetched, and it is read then.
 */
import type { ByteRanges, Decoded, Decoder } from '@millrace/core'
import type { ColumnDecoder } from '../codec/column-decoder.ts'
import { decodeFramed } from '../codec/framed-decoder.ts'
import { ID_FRAME_BYTES } from './wire-frame.ts'
import type { WriterSchemas } from './writer-schemas.ts'

export class RegistryDecoder implements Decoder {
  readonly #columns: ColumnDecoder
  readonly #writers: WriterSchemas
  /** Of the batch that was prepared last, told by its array of positions. */
  #read: { readonly start: Int32Array; readonly decoded: Decoded } | null = null

  constructor(columns: ColumnDecoder, writers: WriterSchemas) {
    this.#columns = columns
    this.#writers = writers
  }

  prepare(ranges: ByteRanges): Promise<void> | undefined {
    const decoded = this.#readAtOnce(ranges)
    this.#read = decoded && { start: ranges.start, decoded }
    return decoded === null ? this.#writers.prepare(ranges) : undefined
  }

  decode(ranges: ByteRanges): Decoded {
    const read = this.#read
    this.#read = null
    if (read?.start === ranges.start) return read.decoded
    return decodeFramed(this.#columns, ranges, this.#writers)
  }

  /** Null: it is not a batch of one known id, or cannot be read in one go. */
  #readAtOnce(ranges: ByteRanges): Decoded | null {
    const { count, size } = ranges
    const first = size.findIndex(bytes => bytes >= 0)
    if (first < 0 || first >= count || hasHeaders(ranges)) return null
    const frame = this.#writers.knownAt(ranges, first)
    if (frame?.headSize !== ID_FRAME_BYTES) return null
    const decoding = this.#columns.begin(ranges)
    const refused = decoding.flat(frame.writer, ID_FRAME_BYTES)
    if (refused === null || !refused.every(index => hasSameId(ranges, first, index))) return null
    for (const index of refused) decoding.scan(frame.writer, index, index + 1, ID_FRAME_BYTES)
    return decoding.end()
  }
}

function hasHeaders({ count, headers }: ByteRanges): boolean {
  if (headers === undefined) return false
  let sizes = 0
  for (let index = 0; index < count; index++) sizes |= headers.size[index] as number
  return sizes !== 0
}

function hasSameId({ data, start, size }: ByteRanges, left: number, right: number): boolean {
  if ((size[right] as number) < ID_FRAME_BYTES) return false
  const [from, other] = [start[left] as number, start[right] as number]
  return data.compare(data, from, from + ID_FRAME_BYTES, other, other + ID_FRAME_BYTES) === 0
}
