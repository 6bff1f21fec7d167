/**
 * Single-object encoding: a value that says by the fingerprint of its schema how it was written.
 *
 *   value = 0xC3 0x01 · CRC-64-AVRO of the schema, 8 bytes, little-endian · the value
 */
import type { AvroSchema } from '../avro-schema/avro-schema.ts'
import { type Framed, type FrameFailure, type FrameReader, sameHeadEnd } from './framed-decoder.ts'

const MARKER_0 = 0xc3
const MARKER_1 = 0x01
const HEAD_BYTES = 10

export function singleObjectHead({ fingerprint }: AvroSchema): Buffer {
  const head = Buffer.from([MARKER_0, MARKER_1, 0, 0, 0, 0, 0, 0, 0, 0])
  head.writeBigUInt64LE(fingerprint, 2)
  return head
}

/** Reads frames of values that were written with one of these schemas. */
export function singleObjectReader(writers: readonly AvroSchema[]): FrameReader {
  const known = new Map<bigint, Framed>()
  for (const writer of writers) {
    known.set(writer.fingerprint, { writer, headSize: HEAD_BYTES })
  }
  return {
    frameAt({ data, start, size }, index) {
      const at = start[index] as number
      const length = size[index] as number
      if (length < HEAD_BYTES || data[at] !== MARKER_0 || data[at + 1] !== MARKER_1) {
        return failure('the marker c301 of single-object encoding', hexOf(data, at, length))
      }
      const fingerprint = data.readBigUInt64LE(at + 2)
      const expected = 'the fingerprint of a schema that is given'
      return known.get(fingerprint) ?? failure(expected, hexOf(data, at + 2, 8))
    },
    runEnd: sameHeadEnd,
  }
}

function failure(expected: string, got: string): FrameFailure {
  return { field: undefined, code: 'DECODE_FAILED', expected, got }
}

function hexOf(data: Buffer, start: number, size: number): string {
  if (size === 0) return 'no bytes'
  return `bytes ${data.toString('hex', start, start + Math.min(size, HEAD_BYTES))}`
}
