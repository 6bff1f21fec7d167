/**
 * The header `mr` of a repartition record: version 01, then 8 bytes IEEE: the watermark of the
 * record's own source partition before it. By it, and not by the task's own time, the reader
 * decides whether the record is late.
 */
import { ByteReader } from '../../util/byte-reader.ts'
import type { ByteWriter } from '../../util/byte-writer.ts'
import { expectEnd, expectVersion, formatError } from './format-check.ts'

export const REPARTITION_HEADER = 'mr'
/** Size of the header's value in bytes. */
export const REPARTITION_HEADER_SIZE = 9

const WHAT = `header ${REPARTITION_HEADER}`
const VERSION = 1

/** @param watermark epoch milliseconds; -Infinity = never late. */
export function writeRepartitionHeader(watermark: number, out: ByteWriter): void {
  out.byte(VERSION)
  out.float64(watermark)
}

/** Headers of a record that has this one alone, up to the watermark: count, name, size, version. */
export const REPARTITION_HEADERS_HEAD: Uint8Array = Buffer.from(
  `\x02\x04${REPARTITION_HEADER}\x12\x01`,
  'latin1',
)

/** @throws FORMAT_UNKNOWN */
export function readRepartitionHeader(bytes: Uint8Array): number {
  const from = new ByteReader(bytes, WHAT)
  expectVersion(from, VERSION, WHAT)
  const watermark = from.float64()
  if (Number.isNaN(watermark)) throw formatError(WHAT, 'a watermark', 'NaN')
  expectEnd(from, WHAT)
  return watermark
}
