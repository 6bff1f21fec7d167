/**
 * What the sink remembers of an epoch; see docs/formats.md#cassandra-receipt.
 *
 *   receipt = 01 last bound       float64 each: the write time that was given last, and the bound
 */
import { ByteReader, ByteWriter, MillraceError } from '@millrace/core'
import type { WriteTimes } from './write-clock.ts'

const VERSION = 1
const SIZE = 17

export function receiptBytes({ last, bound }: WriteTimes): Uint8Array {
  const numbers = Buffer.allocUnsafe(16)
  numbers.writeDoubleBE(last, 0)
  numbers.writeDoubleBE(bound, 8)
  const out = new ByteWriter(SIZE)
  out.byte(VERSION)
  out.bytes(numbers)
  return out.take()
}

/** @throws FORMAT_UNKNOWN */
export function readReceipt(bytes: Uint8Array): WriteTimes {
  const isKnown = bytes.length === SIZE && bytes[0] === VERSION
  if (!isKnown) {
    throw new MillraceError(
      'FORMAT_UNKNOWN',
      `the receipt of a Cassandra sink has ${SIZE} bytes and version ${VERSION}; got ` +
        `${bytes.length} bytes, the first ${bytes[0]}. It was written by another release, or by ` +
        'another sink that stood in this place of the program.',
    )
  }
  const reader = new ByteReader(bytes, 'Cassandra receipt')
  reader.byte()
  return { last: reader.float64(), bound: reader.float64() }
}
