/**
 * How far the local state of a task has come in its changelog, at least. Stored beside the state
 * and written after it: what a crash left of more is read again, and comes to the same.
 *
 *   position = 01 varint offset, 8 bytes IEEE wall time, topic id
 *
 * Offset: the changelog offset to read next. Wall time: epoch milliseconds, from before the broker
 * was asked for that offset. Topic id: text (varint size and UTF-8) that tells one topic from
 * another of the same name.
 */
import { ByteReader } from '../../util/byte-reader.ts'
import type { ByteWriter } from '../../util/byte-writer.ts'
import { expectEnd, expectVersion } from './format-check.ts'
import { readText, writeText } from './sized-text.ts'

export interface LocalPosition {
  readonly offset: number
  readonly at: number
  readonly topicId: string
}

const WHAT = 'position of local state'
const VERSION = 1

export function writeLocalPosition(position: LocalPosition, out: ByteWriter): void {
  out.byte(VERSION)
  out.unsigned(position.offset)
  out.float64(position.at)
  writeText(position.topicId, out)
}

/** @throws FORMAT_UNKNOWN */
export function readLocalPosition(bytes: Uint8Array): LocalPosition {
  const from = new ByteReader(bytes, WHAT)
  expectVersion(from, VERSION, WHAT)
  const position = { offset: from.unsigned(), at: from.float64(), topicId: readText(from) }
  expectEnd(from, WHAT)
  return position
}
