/**
 * Text and bytes whose record is the cell: the column is the ranges of the batch as they were read.
 *
 * Perf: nothing is made per record. A batch with a range that is no UTF-8 is decoded by the clear
 * decoder, cell by cell.
 */
import { isUtf8 } from 'node:buffer'
import { BytesColumn, StringColumn } from '../batch/column.ts'
import type { DataType } from '../schema/data-type.ts'
import type { Schema } from '../schema/schema.ts'
import { bitmapBytes, clearBit } from '../util/bitmap.ts'
import { schemaRead } from './columns-read.ts'
import type { ScalarSerde } from './scalar-serde.ts'
import type { ByteRanges, Decoder } from './serde.ts'

/** Of four bytes; none of them is set in ASCII. */
const HIGH_BITS = 0x80808080 | 0

/** The serde with a decoder that does not look at cells one by one. */
export function withRangeDecoder<T>(serde: ScalarSerde<T>): ScalarSerde<T> {
  const decoder: ScalarSerde<T>['decoder'] = read => {
    return rangeDecoder(serde.type, schemaRead(serde.schema, read), serde.decoder(read))
  }
  return Object.freeze({ ...serde, decoder })
}

function rangeDecoder(type: DataType, schema: Schema, clear: Decoder): Decoder {
  const isText = type.kind === 'string'
  return {
    decode: ranges => {
      if (isText && !areText(ranges)) return clear.decode(ranges)
      const columns = schema.fields.length === 0 ? [] : [columnOf(type, ranges)]
      return { schema, columns, rest: null, failures: [] }
    },
  }
}

function columnOf(type: DataType, ranges: ByteRanges): StringColumn | BytesColumn {
  const { count, data } = ranges
  const start = ranges.start.subarray(0, count)
  let size = ranges.size.subarray(0, count)
  let validity: Uint8Array | null = null
  for (let index = 0; index < count; index++) {
    if ((ranges.size[index] as number) >= 0) continue
    if (validity === null) {
      validity = new Uint8Array(bitmapBytes(count)).fill(0xff)
      size = size.slice()
    }
    clearBit(validity, index)
    size[index] = 0
  }
  const Constructor = type.kind === 'string' ? StringColumn : BytesColumn
  return new Constructor(type, { data, start, size }, validity)
}

/** Perf: four bytes at a time, and the last four of a cell once more for what is left of them. */
function areText({ count, data, start, size }: ByteRanges): boolean {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength)
  for (let index = 0; index < count; index++) {
    const from = start[index] as number
    const end = from + (size[index] as number)
    if (!isAscii(data, view, from, end) && !isUtf8(data.subarray(from, end))) return false
  }
  return true
}

function isAscii(data: Buffer, view: DataView, from: number, end: number): boolean {
  if (end - from < 4) {
    for (let at = from; at < end; at++) if ((data[at] as number) >= 0x80) return false
    return true
  }
  let high = view.getInt32(end - 4, true)
  for (let at = from; at + 4 < end; at += 4) high |= view.getInt32(at, true)
  return (high & HIGH_BITS) === 0
}
