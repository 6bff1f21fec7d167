/**
 * From where on a changelog is all of a task's state: an entry of the task's own, written when the
 * state was cleared, in the changelog and in local state.
 *
 *   base = 01 varint offset
 *
 * Records before that offset may be deleted, and the state that the rest gives is whole.
 */
import { ByteReader } from '../../util/byte-reader.ts'
import type { ByteWriter } from '../../util/byte-writer.ts'
import { expectEnd, expectVersion } from './format-check.ts'

const WHAT = 'base of a changelog'
const VERSION = 1

export function writeChangelogBase(offset: number, out: ByteWriter): void {
  out.byte(VERSION)
  out.unsigned(offset)
}

/** @throws FORMAT_UNKNOWN */
export function readChangelogBase(bytes: Uint8Array): number {
  const from = new ByteReader(bytes, WHAT)
  expectVersion(from, VERSION, WHAT)
  const offset = from.unsigned()
  expectEnd(from, WHAT)
  return offset
}
