/**
 * Decodes records that say in their first bytes, or beside them, with which schema they were
 * written.
 *
 * Records of one writer that follow each other are scanned in one call, wherever others stand
 * between; what the framing refuses fails alone.
 */
import type { ByteRanges, Decoded, DecodeFailure } from '@millrace/core'
import type { AvroSchema } from '../avro-schema/avro-schema.ts'
import type { ColumnDecoder } from './column-decoder.ts'

export type FrameFailure = Omit<DecodeFailure, 'index'>

/** Who wrote a record, and how many of its bytes say so. */
export interface Framed {
  readonly writer: AvroSchema
  readonly headSize: number
}

/** Reads the frame of record `index`; the answer may be the same object each time. */
export type ReadFrame = (ranges: ByteRanges, index: number) => Framed | FrameFailure

export function decodeFramed(
  decoder: ColumnDecoder,
  ranges: ByteRanges,
  readFrame: ReadFrame,
): Decoded {
  const { count, data } = ranges
  const start = ranges.start.slice(0, count)
  const size = ranges.size.slice(0, count)
  const decoding = decoder.begin({ count, data, start, size })
  let writer: AvroSchema | null = null
  let from = 0
  for (let index = 0; index < count; index++) {
    const length = size[index] as number
    // A null has no writer and is scanned with its neighbours.
    if (length < 0) continue
    const frame = readFrame(ranges, index)
    if ('code' in frame) {
      // Scanned as a null, which has no failure of its own.
      size[index] = -1
      decoding.fail(index, frame)
      continue
    }
    if (writer === null) writer = frame.writer
    else if (frame.writer !== writer) {
      decoding.scan(writer, from, index)
      writer = frame.writer
      from = index
    }
    start[index] = (start[index] as number) + frame.headSize
    size[index] = length - frame.headSize
  }
  if (writer === null) decoding.nulls(from, count)
  else decoding.scan(writer, from, count)
  return decoding.end()
}
